import type { RunEventOf } from '../events/run-event.ts';
import type { AttemptId } from '../ids.ts';
import type { Evidence } from '../protocol/evidence.ts';
import { withTask } from './fold-planning.ts';
import type { AttemptState, RunState } from './run-state.ts';

type AttemptEvent = RunEventOf<
  | 'attempt_dispatched'
  | 'attempt_started'
  | 'attempt_progressed'
  | 'attempt_handed_off'
  | 'attempt_refused'
  | 'attempt_failed'
  | 'attempt_abandoned'
>;

export function foldAttempt(state: RunState, event: AttemptEvent, atMs: number): RunState {
  switch (event.type) {
    case 'attempt_dispatched':
      return dispatch(state, event, atMs);
    case 'attempt_started':
      return withAttempt(state, event.attemptId, {
        status: 'running',
        sandboxId: event.sandboxId,
        transcript: event.transcript,
        activity: 'starting',
      });
    case 'attempt_progressed':
      return withAttempt(state, event.attemptId, { activity: event.message, toolCalls: event.toolCalls });
    case 'attempt_handed_off':
      return withAttempt(state, event.attemptId, {
        status: 'handed_off',
        activity: 'handed off',
        handoff: event.handoff,
        head: event.head,
        files: event.files,
        endedAtMs: atMs,
      });
    case 'attempt_refused':
      return endAttempt(state, event.attemptId, {
        outcome: 'refused',
        atMs,
        evidence: {
          reason: event.reason,
          files: event.files,
        },
      });
    case 'attempt_failed':
      return withAttempt(
        endAttempt(state, event.attemptId, {
          outcome: 'failed',
          atMs,
          evidence: {
            reason: `${event.reason}: ${event.message}`,
            files: [],
          },
        }),
        event.attemptId,
        { failure: event.reason },
      );
    case 'attempt_abandoned':
      return withAttempt(state, event.attemptId, {
        status: 'abandoned',
        activity: event.reason,
        endedAtMs: atMs,
      });
  }
}

function dispatch(state: RunState, event: RunEventOf<'attempt_dispatched'>, atMs: number): RunState {
  const { attemptId: id, taskId, number, branch, base } = event;
  const attempt: AttemptState = {
    id,
    taskId,
    number,
    branch,
    base,
    status: 'dispatched',
    startedAtMs: atMs,
    activity: 'creating sandbox',
    toolCalls: 0,
  };
  const attempts = [...(state.tasks.get(taskId)?.attempts ?? []), id];
  return withTask({ ...state, attempts: new Map(state.attempts).set(id, attempt) }, taskId, { attempts });
}

/** The state with some fields of one attempt replaced; unchanged when the attempt is unknown. */
export function withAttempt(state: RunState, attemptId: AttemptId, change: Partial<AttemptState>): RunState {
  const attempt = state.attempts.get(attemptId);
  if (attempt === undefined) return state;
  return { ...state, attempts: new Map(state.attempts).set(attemptId, { ...attempt, ...change }) };
}

/** Ends an attempt with the evidence its successor will be given. */
export function endAttempt(
  state: RunState,
  attemptId: AttemptId,
  end: {
    readonly outcome: Evidence['outcome'];
    readonly atMs: number;
    readonly evidence: Omit<Evidence, 'attempt' | 'outcome'>;
  },
): RunState {
  const { outcome, atMs, evidence } = end;
  const attempt = state.attempts.get(attemptId);
  if (attempt === undefined) return state;
  return withAttempt(state, attemptId, {
    status: outcome,
    activity: evidence.reason,
    endedAtMs: attempt.endedAtMs ?? atMs,
    evidence: { attempt: attempt.number, outcome, ...evidence },
  });
}
