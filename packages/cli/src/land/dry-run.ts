import type { CommitSha } from '@agentswarm/core';
import { openGitSession } from '@agentswarm/git';
import type { FoundBranch } from './choose-branches.ts';
import type { LandReport } from './land-report.ts';
import type { LandRepository } from './open-repository.ts';

type Outcome = Pick<LandReport, 'landed' | 'conflicted' | 'refused'>;

/** Merges the branches one after another without moving anything: no gate, no resolver, no push. */
export async function dryRun(
  { root, tip }: Pick<LandRepository, 'root' | 'tip'>,
  branches: readonly FoundBranch[],
): Promise<Outcome> {
  await using session = await openGitSession({ repository: root });
  const landed: { branch: string }[] = [];
  const conflicted: { branch: string; paths: readonly string[] }[] = [];
  const refused: { branch: string; reason: string }[] = [];
  const facts = await session.relate(
    tip,
    branches.map(({ head }) => head),
  );
  let onto: CommitSha = tip;
  for (const [index, { name: branch, head }] of branches.entries()) {
    const relation = facts[index]?.relation;
    if (relation === 'unrelated' || relation === 'missing') {
      refused.push({ branch, reason: relation === 'missing' ? 'missing_commit' : 'unrelated_history' });
      continue;
    }
    const merged = await session.merge({ ours: onto, theirs: head });
    if (merged.kind === 'conflicted') {
      conflicted.push({ branch, paths: merged.conflicts.map(({ path }) => path) });
      continue;
    }
    landed.push({ branch });
    onto = await session.writeCommit({
      tree: merged.tree,
      parents: [onto, head],
      message: 'dry run\n',
      author: NOBODY,
      committer: NOBODY,
      dateMs: 0,
    });
  }
  return { landed, conflicted, refused };
}

const NOBODY = { name: 'dry run', email: 'dry-run@localhost' };
