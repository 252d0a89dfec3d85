import type { BranchFacts } from './branch-facts.ts';
import type { GuardFinding } from './finding.ts';

/**
 * Changes that undo what the target has.
 *
 * A path is *explained* when a commit of the branch that is no merge changes it. Refused is a path that
 * gets back a version the target had there before: always when only a merge did it, the deletion of
 * what the target had added included; and when a commit did it that does not say that it reverts
 * (`Revert "…"`, or `This reverts commit …`). Other unexplained changes are warned about: conflicts may
 * have been resolved that way.
 */
export function checkReverts(facts: BranchFacts): readonly GuardFinding[] {
  const { changes, commits, hasMerges, wasOnTarget } = facts;
  const explaining = (path: string) => commits.filter(({ paths }) => paths.has(path));
  const unexplained = hasMerges ? changes.filter(({ path }) => explaining(path).length === 0) : [];
  const silent = new Set(unexplained.map(({ path }) => path));
  const reverted = changes.filter(({ path, after }) => {
    if (silent.has(path)) return wasOnTarget(path, after);
    if (after === undefined || explaining(path).some(({ message }) => isDeclaredRevert(message)))
      return false;
    return wasOnTarget(path, after);
  });
  const paths = reverted.map(({ path }) => path);
  const suspicious = unexplained.map(({ path }) => path).filter((path) => !paths.includes(path));
  return [
    ...(paths.length === 0
      ? []
      : [
          {
            kind: 'refuse',
            reason: 'silent_revert',
            message: 'it brings back older versions of files without saying that it reverts them',
            paths,
          } as const,
        ]),
    ...(suspicious.length === 0
      ? []
      : [
          {
            kind: 'warn',
            reason: 'unexplained_changes',
            message: 'its merges change files that no commit of it changes',
            paths: suspicious,
          } as const,
        ]),
  ];
}

function isDeclaredRevert(message: string): boolean {
  return /^Revert "/.test(message) || /^This reverts commit [0-9a-f]{7,64}/m.test(message);
}
