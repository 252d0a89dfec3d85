import type { GateFailure, QueueEvent } from '../events/queue-events.ts';
import type { RunEventOf } from '../events/run-event.ts';
import { AttemptIdSchema, type AttemptId } from '../ids.ts';
import { endAttempt, withAttempt, type AttemptEnd } from './fold-attempt.ts';
import { withTask } from './fold-planning.ts';
import type { QueueState, RunState } from './run-state.ts';

export function foldQueue(state: RunState, event: QueueEvent, atMs: number): RunState {
  switch (event.type) {
    case 'branch_queued': {
      const attemptId = attemptOfTicket(event.ticket);
      const queued = withQueue(state, {
        tickets: [...state.queue.tickets.filter((t) => t !== event.ticket), event.ticket],
      });
      return attemptId === undefined
        ? queued
        : withAttempt(queued, attemptId, { status: 'queued', activity: 'in the merge queue' });
    }
    case 'gate_started':
      return withQueue(state, {
        gating: [...new Set([...state.queue.gating, ...event.tickets])],
        gateRuns: state.queue.gateRuns + 1,
      });
    case 'gate_finished':
      return withQueue(withMainVerdict(state, event), {
        gating: state.queue.gating.filter((ticket) => !event.tickets.includes(ticket)),
        gateFailures: state.queue.gateFailures + (isRed(event.verdict) ? 1 : 0),
      });
    case 'landing_intended': {
      const { tickets, old, new: next } = event;
      return withQueue(state, { intents: [...state.queue.intents, { tickets, old, new: next }] });
    }
    case 'branch_landed':
      return land(state, event, atMs);
    case 'branch_conflicted':
      return leave(state, event.ticket, {
        outcome: 'conflicted',
        atMs,
        reason: `does not merge with main ${event.main.slice(0, 12)}`,
        files: event.files,
      });
    case 'branch_ejected':
      return leave(state, event.ticket, {
        outcome: 'ejected',
        atMs,
        ...ejectionEvidence(event.failure, event.main),
      });
    case 'branch_refused':
      return leave(state, event.ticket, {
        outcome: 'refused',
        atMs,
        reason: event.message,
        files: event.paths,
      });
    case 'branch_cancelled':
      return withoutTicket(state, event.ticket);
    case 'queue_opened':
    case 'gate_flaked':
    case 'batch_parked':
    case 'branch_warned':
    case 'mirror_pushed':
    case 'mirror_failed':
      return state;
    case 'queue_stopped':
      return withQueue(state, { stopped: { code: event.code, message: event.message }, gating: [] });
  }
}

function isRed(verdict: RunEventOf<'gate_finished'>['verdict']): boolean {
  return verdict === 'fail' || verdict === 'could_not_run';
}

function ejectionEvidence(failure: GateFailure, main: string) {
  return {
    reason: `the gate is red once merged with main ${main.slice(0, 12)}: ${failure.problem ?? `exit code ${failure.exitCode}`}`,
    files: [],
    command: failure.command,
    outputTail: failure.outputTail,
  };
}

/** Tickets name what is not on main yet: a gate run without any is one on main. */
function withMainVerdict(state: RunState, event: RunEventOf<'gate_finished'>): RunState {
  const { mainFailure: _earlier, ...rest } = state;
  if (event.tickets.length > 0 || (event.verdict !== 'pass' && event.verdict !== 'fail')) return state;
  return event.failure === undefined ? rest : { ...rest, mainFailure: event.failure };
}

function land(state: RunState, event: RunEventOf<'branch_landed'>, atMs: number): RunState {
  const attemptId = attemptOfTicket(event.ticket);
  const attempt = attemptId === undefined ? undefined : state.attempts.get(attemptId);
  const landing = {
    ticket: event.ticket,
    commit: event.commit,
    atMs,
    resolved: event.resolved ?? [],
    ...(attempt ? { taskId: attempt.taskId } : {}),
  };
  const { mainFailure: _repaired, ...rest } = state;
  const left = withoutTicket(
    { ...rest, main: event.main, landings: [...state.landings, landing] },
    event.ticket,
  );
  if (attempt === undefined) return left;
  const landed = withAttempt(left, attempt.id, {
    status: 'landed',
    activity: 'landed',
    commit: event.commit,
  });
  return withTask(landed, attempt.taskId, { status: 'landed' });
}

function leave(state: RunState, ticket: string, end: AttemptEnd): RunState {
  const left = withoutTicket(state, ticket);
  const attemptId = attemptOfTicket(ticket);
  return attemptId === undefined ? left : endAttempt(left, attemptId, end);
}

/** Removes a ticket from the line and settles the intents that wait for it. */
function withoutTicket(state: RunState, ticket: string): RunState {
  const intents = state.queue.intents
    .map((intent) => ({ ...intent, tickets: intent.tickets.filter((other) => other !== ticket) }))
    .filter((intent) => intent.tickets.length > 0);
  return withQueue(state, { tickets: state.queue.tickets.filter((other) => other !== ticket), intents });
}

function withQueue(state: RunState, change: Partial<QueueState>): RunState {
  return { ...state, queue: { ...state.queue, ...change } };
}

/** The attempt a queue ticket stands for; undefined for tickets of other users of the queue. */
export function attemptOfTicket(ticket: string): AttemptId | undefined {
  const parsed = AttemptIdSchema.safeParse(ticket);
  return parsed.success ? parsed.data : undefined;
}
