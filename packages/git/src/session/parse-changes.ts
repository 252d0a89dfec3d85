import { parseSha } from '../refs.ts';
import type { PathConflict, SessionMergeResult, TreeChange } from './git-session.ts';
import { after, NEWLINE, NUL, type AnswerReader } from './answer-reader.ts';

/**
 * Answers of `git merge-tree --stdin -z --no-messages`: status, tree, a field for each stage of each
 * conflicted path, an empty field. A field is ended by NUL.
 */
export const mergeReader: AnswerReader<SessionMergeResult> = {
  scan: () => {
    let at = 0;
    let fields = 0;
    return (buffer) => {
      for (;;) {
        const end = after(buffer, NUL, at);
        if (end === undefined) return undefined;
        fields += 1;
        const isEmpty = end === at + 1;
        at = end;
        if (fields > 2 && isEmpty) return at;
      }
    };
  },
  parse: (answer) => parseMerge(answer.toString('utf8', 0, answer.length - 2).split('\0')),
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
 * Answers of `git diff-tree --stdin -r -z --raw` to a pair of trees that was followed by a pair of equal
 * ones: a header, the changes, and the header of the equal pair, which has none.
 */
export const diffReader: AnswerReader<readonly TreeChange[]> = {
  scan: () => {
    let at: number | undefined;
    return (buffer) => {
      at ??= after(buffer, NEWLINE, 0);
      while (at !== undefined && at < buffer.length) {
        if (buffer[at] !== CHANGE) return after(buffer, NEWLINE, at);
        const end: number | undefined = endOfChange(buffer, at);
        if (end === undefined) return undefined;
        at = end;
      }
      return undefined;
    };
  },
  parse: (answer) => parseDiff(answer.subarray(after(answer, NEWLINE, 0))),
};

/** A change begins with a colon; what is said about it and its path are ended by NUL. */
const CHANGE = 0x3a;

function endOfChange(buffer: Buffer, from: number): number | undefined {
  const path = after(buffer, NUL, from);
  return path === undefined ? undefined : after(buffer, NUL, path);
}

/** Reads the changes a buffer begins with. */
export function parseDiff(buffer: Buffer): readonly TreeChange[] {
  const changes: TreeChange[] = [];
  for (let at = 0; buffer[at] === CHANGE;) {
    const path = after(buffer, NUL, at);
    const end = path === undefined ? undefined : after(buffer, NUL, path);
    if (path === undefined || end === undefined) return changes;
    changes.push(
      parseChange(buffer.toString('latin1', at + 1, path - 1), buffer.toString('utf8', path, end - 1)),
    );
    at = end;
  }
  return changes;
}

function parseChange(meta: string, path: string): TreeChange {
  const [oldMode = '', newMode = '', oldObject = '', newObject = ''] = meta.split(' ');
  const version = (mode: string, object: string) =>
    mode === '000000' ? undefined : { mode, object: parseSha(object) };
  const [before, now] = [version(oldMode, oldObject), version(newMode, newObject)];
  return { path, ...(before ? { before } : {}), ...(now ? { after: now } : {}) };
}
