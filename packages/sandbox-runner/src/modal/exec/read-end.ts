import { constants } from 'node:os';
import type { ExecResult } from '@agentswarm/core';
import type { ExecEnd } from '../protocol/failure.ts';
import { explainFailure, isSandboxGone } from '../shim/explain-failure.ts';
import type { StreamEvent } from '../shim/stream-listeners.ts';

const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** Why a command was ended from outside. */
export type RemoteEndCause = 'timed_out' | 'aborted';

export type LastEvent = Exclude<StreamEvent, { readonly kind: 'data' }>;

/** Decides how a remote command ended. What we did to it counts before what it reports. */
export function readEnd(
  last: LastEvent,
  cause: RemoteEndCause | undefined,
): Pick<ExecResult, 'reason' | 'exitCode' | 'signalName'> {
  if (last.kind !== 'exec_end') return { reason: 'lost' };
  const { end } = last;
  // Its sandbox was ended, which is no loss.
  if (end.reason === 'lost') return { reason: hasEnded(end) ? (cause ?? 'aborted') : 'lost' };
  if (cause !== undefined) return { reason: cause };
  if (end.reason === 'exited') return { reason: 'exited', exitCode: end.exitCode ?? 0 };
  if (end.reason !== 'signalled') return { reason: end.reason };
  return { reason: 'signalled', signalName: SIGNAL_NAMES.get(end.signal ?? 0) ?? `SIG${end.signal}` };
}

function hasEnded({ error }: ExecEnd): boolean {
  return error !== undefined && isSandboxGone(explainFailure('exec', error));
}
