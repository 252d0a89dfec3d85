import type { CommitSha, GateFailure } from '@agentswarm/core';
import { MergeQueueError, type QueueStop } from '../errors.ts';
import type { QueueContext } from '../queue/queue-context.ts';

/** Announces the intent, then moves the target if it is still where it was. */
export async function moveTarget(
  { log, repository, signal, logger, branch }: QueueContext,
  change: { readonly tickets: readonly string[]; readonly old: CommitSha; readonly new: CommitSha },
): Promise<{ readonly kind: 'landed' | 'lost_race' } | { readonly kind: 'stop'; readonly stop: QueueStop }> {
  // The last moment at which stopping costs nothing.
  signal.throwIfAborted();
  const { tickets, old } = change;
  log.append({ type: 'landing_intended', tickets: [...tickets], old, new: change.new });
  const result = await repository.move({ old, new: change.new });
  switch (result.kind) {
    case 'moved_to_new':
      return { kind: 'landed' };
    case 'lost_race':
      logger.info({ old, actual: result.actual }, 'the target moved before the push');
      return { kind: 'lost_race' };
    case 'refused':
      return { kind: 'stop', stop: { code: 'PUSH_REFUSED', message: result.detail } };
    case 'fenced':
      throw new MergeQueueError('QUEUE_FENCED', `another queue has taken over ${branch}`);
  }
}

/** The stop because the target does not pass the gate by itself. */
export function targetRed(
  { branch }: Pick<QueueContext, 'branch'>,
  commit: CommitSha,
  failure: GateFailure,
): QueueStop {
  const where = `${branch} ${commit.slice(0, 12)}`;
  return { code: 'TARGET_RED', message: `the gate fails on ${where} itself: ${describeFailure(failure)}` };
}

/** The stop because the gate cannot be run at all. */
export function gateCannotRun(
  { branch }: Pick<QueueContext, 'branch'>,
  commit: CommitSha,
  failure: GateFailure,
): QueueStop {
  const where = `${branch} ${commit.slice(0, 12)}`;
  return { code: 'GATE_CANNOT_RUN', message: `the gate cannot run on ${where}: ${describeFailure(failure)}` };
}

function describeFailure({ command, problem, exitCode }: GateFailure): string {
  return `${command}: ${problem ?? `exit code ${exitCode}`}`;
}
