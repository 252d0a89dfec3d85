import { parseSha } from '../refs.ts';
import type { PathConflict, SessionMergeResult, TreeChange } from './git-session.ts';
import type { ReadAnswer } from './git-pipe.ts';
import { after, NEWLINE, NUL } from './read-fields.ts';

/**
 * Reads one answer of `git merge-tree --stdin -z --no-messages`: status, tree, a field for each stage of
 * each conflicted path, an empty field. A field is ended by NUL.
 */
export const readMerge: ReadAnswer<SessionMergeResult> = (buffer) => {
  const fields: string[] = [];
  for (let at = 0; ;) {
    const end = after(buffer, NUL, at);
    if (end === undefined) return undefined;
    fields.push(buffer.toString('utf8', at, end - 1));
    at = end;
    if (fields.length > 2 && fields.at(-1) === '')
      return { value: parseMerge(fields.slice(0, -1)), bytes: at };
  }
};

/** Makes a result of the fields of a merge: status, tree, stages. */
export function parseMerge([status, tree = '', ...stages]: readonly string[]): SessionMergeResult {
  if (status === '1') return { kind: 'clean', tree: parseSha(tree) };
  return { kind: 'conflicted', tree: parseSha(tree), conflicts: parseStages(stages) };
}

const SIDES = { 1: 'base', 2: 'ours', 3: 'theirs' } as const;

function parseStages(stages: readonly string[]): readonly PathConflict[] {
  const conflicts = new Map<
    string,
    { path: string } & { -readonly [S in keyof PathConflict]: PathConflict[S] }
  >();
  for (const line of stages) {
    const match = /^(\d+) ([0-9a-f]+) ([123])\t(.*)$/s.exec(line);
    if (match === null) continue;
    const [, mode = '', object = '', stage, path = ''] = match;
    const conflict = conflicts.get(path) ?? { path };
    conflict[SIDES[Number(stage) as 1 | 2 | 3]] = { mode, object: parseSha(object) };
    conflicts.set(path, conflict);
  }
  return [...conflicts.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Reads one answer of `git diff-tree --stdin -r -z --raw` to a pair of trees that was followed by a pair
 * of equal ones: a header, the changes, and the header of the equal pair, which has none.
 */
export const readDiff: ReadAnswer<readonly TreeChange[]> = (buffer) => {
  let at = after(buffer, NEWLINE, 0);
  const changes: TreeChange[] = [];
  while (at !== undefined && at < buffer.length) {
    if (buffer[at] !== 0x3a) {
      const end = after(buffer, NEWLINE, at);
      return end === undefined ? undefined : { value: changes, bytes: end };
    }
    const metaEnd = after(buffer, NUL, at);
    const pathEnd = metaEnd === undefined ? undefined : after(buffer, NUL, metaEnd);
    if (metaEnd === undefined || pathEnd === undefined) return undefined;
    changes.push(
      parseChange(
        buffer.toString('latin1', at + 1, metaEnd - 1),
        buffer.toString('utf8', metaEnd, pathEnd - 1),
      ),
    );
    at = pathEnd;
  }
  return undefined;
};

function parseChange(meta: string, path: string): TreeChange {
  const [oldMode = '', newMode = '', oldObject = '', newObject = ''] = meta.split(' ');
  const version = (mode: string, object: string) =>
    mode === '000000' ? undefined : { mode, object: parseSha(object) };
  const [before, now] = [version(oldMode, oldObject), version(newMode, newObject)];
  return { path, ...(before ? { before } : {}), ...(now ? { after: now } : {}) };
}
