import type { BlobVersion, TreeChange } from '@agentswarm/git';
import { isSameVersion, type BranchFacts, type MainStep, type OwnCommit } from './branch-facts.ts';
import { refusal, type GuardFinding } from './finding.ts';

/**
 * Refuses a branch that brings back what main has left behind, unless a commit of the branch says so.
 *
 * A path *returns* when the branch gives it a version main had there and replaced (see
 * {@link findReturns}). A return to content is explained only by a declared revert: a commit of the
 * branch, no merge, that gave the path this version and says `Revert "…"`, `Reapply "…"` or
 * `This reverts commit …` in its message; whoever copies a stale tree says neither. A return to
 * absence, that is a deletion, is explained by any commit of the branch that is no merge and deleted
 * the path: every file was absent once. Other paths that the branch changes and none of its commits
 * except merges does are warned about, since resolving a conflict looks the same.
 */
export function checkReverts(facts: BranchFacts): readonly GuardFinding[] {
  const returned = findReturns(facts.changes, facts.steps).filter((change) => !isExplained(change, facts));
  const message =
    'it brings back older versions of files; a deliberate revert says "This reverts commit <sha>"';
  const reverts = refusal(
    'silent_revert',
    message,
    returned.map(({ path }) => path),
  );
  if (!facts.hasMerges) return reverts;
  const mentioned = new Set([
    ...returned.map(({ path }) => path),
    ...facts.ownCommits.flatMap(({ changes }) => changes.map(({ path }) => path)),
  ]);
  const paths = facts.changes.map(({ path }) => path).filter((path) => !mentioned.has(path));
  if (paths.length === 0) return reverts;
  const unexplained = 'its merges change files that no commit of it changes';
  return [...reverts, { kind: 'warn', reason: 'unexplained_changes', message: unexplained, paths }];
}

/**
 * The changes that give a path a version main had there before: one older than what the branch was
 * built on, or one that main has taken up and given up since, while main is back at what the branch was
 * built on. A branch that merely lags behind is none of these: what it has then merges with the newer.
 */
export function findReturns(
  changes: readonly TreeChange[],
  steps: BranchFacts['steps'],
): readonly TreeChange[] {
  return changes.filter(({ path, before, after }) => {
    const history = steps.get(path);
    return history !== undefined && isReturn(history, before, after);
  });
}

function isReturn(
  history: readonly MainStep[],
  before: BlobVersion | undefined,
  after: BlobVersion | undefined,
): boolean {
  const isNow = (version: BlobVersion | undefined) => isSameVersion(history.at(-1)?.after, version);
  const left = history.findIndex((step) => isSameVersion(step.before, after));
  if (left === -1 || isNow(after)) return false;
  // Main left the branch's version before, or when, it came to what the branch was built on.
  return isNow(before) || history.slice(left).some((step) => isSameVersion(step.after, before));
}

function isExplained(change: TreeChange, { hasMerges, ownCommits }: BranchFacts): boolean {
  if (change.after === undefined && !hasMerges) return true;
  return ownCommits.some(
    (commit) =>
      commit.changes.some(({ path, after }) => path === change.path && isSameVersion(after, change.after)) &&
      (change.after === undefined || isDeclaredRevert(commit)),
  );
}

function isDeclaredRevert({ message }: OwnCommit): boolean {
  return /^(?:Revert|Reapply) "/.test(message) || /^This reverts commit [0-9a-f]{7,64}\b/m.test(message);
}
