import type { CommitSha } from '@agentswarm/core';
import type { GitSession } from '@agentswarm/git';
import { createBranchGuard, sessionSource, type GuardFinding } from '@agentswarm/merge-queue';

/** Tells what the guards of the merge queue would say about a head, before it stands in line. */
export type HandInGuard = (request: {
  readonly main: CommitSha;
  readonly head: CommitSha;
}) => Promise<readonly GuardFinding[]>;

/** Makes the guard of a run. What a task may change is checked apart: the guards know no tasks. */
export function createHandInGuard(session: GitSession): HandInGuard {
  const guard = createBranchGuard(sessionSource(session));
  return async ({ main, head }) => {
    const [facts] = await session.relate(main, [head]);
    return facts === undefined ? [] : await guard({ tip: main, facts });
  };
}
