import { toSwarmError } from '@agentswarm/core';
import type { Gate, GateRequest, GateVerdict } from './gate.ts';

/**
 * Asks a gate; a rejection becomes `could_not_run` with what is known of it.
 *
 * @throws the signal's reason when aborted.
 */
export async function runGate(gate: Gate, request: GateRequest): Promise<GateVerdict> {
  try {
    const verdict = await gate.run(request);
    request.signal.throwIfAborted();
    return verdict;
  } catch (error) {
    request.signal.throwIfAborted();
    const { code, message, details } = toSwarmError(error);
    const outputTail = typeof details['outputTail'] === 'string' ? details['outputTail'] : '';
    const failure = { command: '(preparing the gate)', problem: `${code}: ${message}`, outputTail };
    return { kind: 'could_not_run', failure };
  }
}
