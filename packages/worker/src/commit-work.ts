import type { CommitSha, TaskAssignment } from '@agentswarm/core';
import { headOf, pushToIntake, type Checkout } from './checkout.ts';
import { WorkerError } from './errors.ts';
import { firstLine } from './truncate.ts';

const MAX_SUBJECT_CHARS = 100;

/**
 * Commits what the agent left uncommitted (its own commits stay as they are) and pushes the result.
 * Whatever HEAD has is handed in, on a branch or not, as long as it descends from the base.
 *
 * @throws {WorkerError} WORKER_COMMIT_FAILED when HEAD does not descend from the base, or when git refuses.
 */
export async function commitWork(
  checkout: Checkout,
  assignment: TaskAssignment,
  summary: string,
): Promise<CommitSha> {
  await requireDescendant(checkout, assignment.base);
  await checkout.git(['add', '--all']);
  if ((await checkout.gitExitCode(['diff', '--cached', '--quiet'])) !== 0) {
    await checkout.git(['commit', '--quiet', '-m', commitSubject(assignment.task.id, summary)]);
  }
  const commit = await headOf(checkout);
  const { branch, paths } = assignment;
  await pushToIntake(checkout, { intake: paths.intake, branch, commit });
  return commit;
}

/** `<task id>: <first line of the summary>`, at most 100 characters. */
export function commitSubject(taskId: string, summary: string): string {
  return firstLine(`${taskId}: ${firstLine(summary, MAX_SUBJECT_CHARS)}`, MAX_SUBJECT_CHARS);
}

async function requireDescendant(checkout: Checkout, base: CommitSha): Promise<void> {
  const head = await headOf(checkout);
  if ((await checkout.gitExitCode(['merge-base', '--is-ancestor', base, head])) === 0) return;
  throw new WorkerError(
    'WORKER_COMMIT_FAILED',
    `HEAD ${head} of the checkout does not descend from the base ${base}`,
    { details: { head, base } },
  );
}
