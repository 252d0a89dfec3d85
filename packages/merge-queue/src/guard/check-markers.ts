import type { BranchFacts } from './branch-facts.ts';
import { isFile } from './branch-facts.ts';
import { refusal, type Finding } from './finding.ts';

/** How far git looks for a NUL before it takes a file for text. */
const BINARY_PROBE_BYTES = 8_000;

/** Files the branch writes with a complete set of conflict markers, unless what they replace had one already. */
export function checkMarkers({ changes, contents }: BranchFacts): readonly Finding[] {
  const marked = changes.filter(({ before, after }) => {
    if (!isFile(after) || !hasMarkersIn(contents.get(after.object))) return false;
    return !isFile(before) || !hasMarkersIn(contents.get(before.object));
  });
  const message = 'the branch has conflict markers where a merge was not finished';
  return refusal(
    'conflict_markers',
    message,
    marked.map(({ path }) => path),
  );
}

function hasMarkersIn(content: Buffer | undefined): boolean {
  return content !== undefined && hasMarkers(content);
}

/**
 * Whether a text has the lines `<<<<<<< x`, `=======` and `>>>>>>> x` one after another, as git leaves them;
 * a ruler of equals signs alone is none. Binary files have no lines.
 */
export function hasMarkers(content: Buffer): boolean {
  // Searching bytes rules out nearly every file without making text of it.
  if (!content.includes('<<<<<<< ') || content.subarray(0, BINARY_PROBE_BYTES).includes(0)) return false;
  const text = content.toString('latin1');
  let at = 0;
  // One search after another, each from where the last one ended: a hostile file costs no more than its length.
  return [/^<{7} /gm, /^={7}$/gm, /^>{7} /gm].every((marker) => {
    marker.lastIndex = at;
    const found = marker.test(text);
    at = marker.lastIndex;
    return found;
  });
}
