import { hasConflictMarkers } from '../resolve/conflict-markers.ts';
import { isFile, type BranchFacts } from './branch-facts.ts';
import { refusal, type GuardFinding } from './finding.ts';

/** How far git looks for a NUL before it takes a file for binary. */
const BINARY_PROBE_BYTES = 8_000;

/** Texts the branch leaves with conflict markers, unless what they replace had some already. */
export function checkMarkers({ changes, contents }: BranchFacts): readonly GuardFinding[] {
  const marked = changes.filter(({ before, after }) => {
    if (!isFile(after) || !isMarked(contents.get(after.object))) return false;
    return !isFile(before) || !isMarked(contents.get(before.object));
  });
  const paths = marked.map(({ path }) => path);
  return refusal('conflict_markers', 'it has conflict markers where a merge was not finished', paths);
}

/** Whether a file is a text with conflict markers; a binary file has no lines. */
export function isMarked(content: Buffer | undefined): boolean {
  if (content === undefined || content.subarray(0, BINARY_PROBE_BYTES).includes(0)) return false;
  // Searching bytes rules out nearly every file without making text of it.
  const isSuspect = ['<<<<<<<', '>>>>>>>', '|||||||'].some((marker) => content.includes(marker));
  return isSuspect && hasConflictMarkers(content.toString('latin1'));
}
