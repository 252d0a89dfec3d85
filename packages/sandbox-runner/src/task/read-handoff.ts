import { HandoffSchema, isSwarmError, type Handoff } from '@agentswarm/core';
import { z } from 'zod';
import { isLost, type Connection } from './connection.ts';
import type { Failure } from './judge-attempt.ts';

const MAX_HANDOFF_BYTES = 1024 * 1024;

/** Reads the worker's handoff file; what is wrong with it is a value. */
export async function readHandoff(connection: Connection, path: string): Promise<Handoff | Failure> {
  let bytes: Uint8Array;
  try {
    bytes = await connection.use((sandbox) => sandbox.readFile(path, { maxBytes: MAX_HANDOFF_BYTES }));
  } catch (error) {
    if (isLost(error))
      return { reason: 'sandbox_failed', message: `the sandbox is out of reach: ${String(error)}` };
    if (isSwarmError(error) && error.details['missing'] === true) {
      return { reason: 'handoff_missing', message: 'the worker ended without a handoff' };
    }
    return { reason: 'handoff_invalid', message: `the handoff cannot be read: ${String(error)}` };
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    return { reason: 'handoff_invalid', message: `the handoff is not JSON: ${String(error)}` };
  }
  const parsed = HandoffSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  return {
    reason: 'handoff_invalid',
    message: `the handoff does not have its form: ${z.prettifyError(parsed.error)}`,
  };
}
