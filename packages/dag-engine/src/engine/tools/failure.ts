import { isSwarmError, toSwarmError } from '@agentswarm/core';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import type { JsonObject } from '../model/json.ts';
import type { EngineErrorCode, EngineErrorSource } from '../model/vocabulary.ts';

/** What failed, before it is known where: {@link recordFailure} adds node, task and time. */
export interface Failure {
  readonly error_id: string;
  readonly code: EngineErrorCode;
  readonly message: string;
  readonly source: EngineErrorSource;
  readonly details?: JsonObject;
  /** Of a tool call: the tool was misused, so the node fails too. */
  readonly misuse?: true;
}

export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

export function success<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function failure(what: Failure): Outcome<never> {
  return { ok: false, failure: what };
}

export interface FailurePlace {
  readonly task_id: string;
  readonly stage_id: string;
  readonly clock: EngineClock;
}

export function recordFailure(what: Failure, place: FailurePlace): EngineErrorRecord {
  return {
    error_id: what.error_id,
    code: what.code,
    message: what.message,
    source: what.source,
    severity: 'error',
    details: what.details ?? null,
    stage_id: place.stage_id,
    task_id: place.task_id,
    timestamp: isoTime(place.clock),
  };
}

/** What a thrown value says, whatever it is; foreign code can throw things that even refuse to become text. */
export function describeThrown(thrown: unknown): string {
  try {
    const message: unknown = toSwarmError(thrown).message;
    return typeof message === 'string' && message !== '' ? message : 'failed without a message';
  } catch (unreadable) {
    return `threw a ${typeof thrown} that cannot be read (${typeof unreadable})`;
  }
}

/** The code that a thrown error of this project carries, as details of what failed by it. */
export function detailsOfThrown(thrown: unknown): { readonly details?: JsonObject } {
  try {
    const code: unknown = isSwarmError(thrown) ? thrown.code : null;
    return typeof code === 'string' ? { details: { cause_code: code } } : {};
  } catch (unreadable) {
    return { details: { cause_code: `unreadable ${typeof unreadable}` } };
  }
}
