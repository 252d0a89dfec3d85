import type { JournalRecord } from '../ports/journal.ts';
import { attemptOfTicket } from './fold-queue.ts';
import type { RunState, TaskOutcome } from './run-state.ts';

/** The end of an attempt or task that a record reports, if it reports one. */
export function outcomeOf(state: RunState, { event, seq }: JournalRecord): TaskOutcome | undefined {
  switch (event.type) {
    case 'branch_landed':
      return ofTicket(state, event.ticket, { seq, kind: 'landed' });
    case 'branch_conflicted':
      return ofTicket(state, event.ticket, { seq, kind: 'conflicted' });
    case 'branch_ejected':
      return ofTicket(state, event.ticket, { seq, kind: 'ejected' });
    case 'branch_refused':
      return ofTicket(state, event.ticket, { seq, kind: 'refused' });
    case 'attempt_refused':
      return { seq, taskId: event.taskId, kind: 'refused' };
    case 'attempt_failed':
      return { seq, taskId: event.taskId, kind: 'failed' };
    case 'task_failed':
      return { seq, taskId: event.taskId, kind: 'given_up' };
    case 'task_cancelled':
      return { seq, taskId: event.taskId, kind: 'cancelled' };
    default:
      return undefined;
  }
}

function ofTicket(
  state: RunState,
  ticket: string,
  what: Pick<TaskOutcome, 'seq' | 'kind'>,
): TaskOutcome | undefined {
  const attemptId = attemptOfTicket(ticket);
  const attempt = attemptId === undefined ? undefined : state.attempts.get(attemptId);
  return attempt === undefined ? undefined : { ...what, taskId: attempt.taskId };
}
