import type { JournalRecord } from '../ports/journal.ts';
import { attemptOfTicket } from './fold-queue.ts';
import type { RunState, TaskOutcome } from './run-state.ts';

/** The end of an attempt or task that a record reports, if it reports one. */
export function outcomeOf(state: RunState, { event, seq }: JournalRecord): TaskOutcome | undefined {
  switch (event.type) {
    case 'branch_landed':
      return ofTicket(state, event.ticket, { kind: 'landed', seq });
    case 'branch_conflicted':
      return ofTicket(state, event.ticket, { kind: 'conflicted', seq });
    case 'branch_ejected':
      return ofTicket(state, event.ticket, { kind: 'ejected', seq });
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
  end: Omit<TaskOutcome, 'taskId'>,
): TaskOutcome | undefined {
  const attemptId = attemptOfTicket(ticket);
  const attempt = attemptId === undefined ? undefined : state.attempts.get(attemptId);
  return attempt === undefined ? undefined : { ...end, taskId: attempt.taskId };
}
