import type { CommitSha } from '@agentswarm/core';
import { GitError } from '../errors.ts';
import { parseSha } from '../refs.ts';
import type { BlobVersion, TreeEdit } from './git-session.ts';

/** One line of a tree object. Names are bytes, kept as latin1 so that every name survives. */
export interface TreeLine {
  readonly mode: string;
  readonly name: string;
  readonly object: CommitSha;
}

const DIRECTORY = '40000';

/** What editing needs: read a tree object, write one. */
export interface TreeStore {
  readTree(tree: CommitSha): Promise<readonly TreeLine[]>;
  writeTree(lines: readonly TreeLine[]): CommitSha;
}

/** Changes of one directory: versions of its files, and changes of its directories. */
interface Changes {
  readonly files: Map<string, BlobVersion | null>;
  readonly directories: Map<string, Changes>;
}

/** Writes a tree that equals another except for some paths; only directories on the way to them are read. */
export async function editTree(
  store: TreeStore,
  base: CommitSha,
  edits: readonly TreeEdit[],
): Promise<CommitSha> {
  const root = newChanges();
  for (const { path, version } of edits) {
    const parts = checkedParts(path);
    const name = parts.pop() ?? '';
    let at = root;
    for (const part of parts) {
      const next = at.directories.get(part) ?? newChanges();
      at.directories.set(part, next);
      at = next;
    }
    at.files.set(name, version);
  }
  return (await apply(store, await store.readTree(base), root)) ?? store.writeTree([]);
}

/** Finds what a path of a tree holds; a directory is nothing. */
export async function versionInTree(
  store: Pick<TreeStore, 'readTree'>,
  tree: CommitSha,
  path: string,
): Promise<BlobVersion | undefined> {
  const parts = Buffer.from(path).toString('latin1').split('/');
  let lines = await store.readTree(tree);
  for (const [index, part] of parts.entries()) {
    const line = lines.find(({ name }) => name === part);
    if (line === undefined) return undefined;
    const isLast = index === parts.length - 1;
    if (isLast) return line.mode === DIRECTORY ? undefined : { mode: line.mode, object: line.object };
    if (line.mode !== DIRECTORY) return undefined;
    lines = await store.readTree(line.object);
  }
  return undefined;
}

/** Names in a directory of a tree, as text; empty when there is no such directory. */
export async function namesInTree(
  store: Pick<TreeStore, 'readTree'>,
  tree: CommitSha,
  directory: string,
): Promise<readonly string[]> {
  let lines = await store.readTree(tree);
  for (const part of Buffer.from(directory)
    .toString('latin1')
    .split('/')
    .filter((name) => name !== '')) {
    const line = lines.find(({ name, mode }) => name === part && mode === DIRECTORY);
    if (line === undefined) return [];
    lines = await store.readTree(line.object);
  }
  return lines.map(({ name }) => Buffer.from(name, 'latin1').toString('utf8'));
}

/** The lines of a tree object; names of objects are `hashBytes` long. */
export function decodeTree(content: Buffer, hashBytes: number): readonly TreeLine[] {
  const lines: TreeLine[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const nul = content.indexOf(0, space);
    const end = nul + 1 + hashBytes;
    lines.push({
      mode: content.toString('latin1', at, space),
      name: content.toString('latin1', space + 1, nul),
      object: parseSha(content.toString('hex', nul + 1, end)),
    });
    at = end;
  }
  return lines;
}

/** The bytes of a tree object, its lines in the order git wants: directories as if their name ended in `/`. */
export function encodeTree(lines: readonly TreeLine[]): Buffer {
  const key = ({ name, mode }: TreeLine) => (mode === DIRECTORY ? `${name}/` : name);
  const sorted = lines.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return Buffer.concat(
    sorted.flatMap(({ mode, name, object }) => [
      Buffer.from(`${mode} ${name}\0`, 'latin1'),
      Buffer.from(object, 'hex'),
    ]),
  );
}

function newChanges(): Changes {
  return { files: new Map(), directories: new Map() };
}

/** Gives undefined for a directory that has become empty: git stores none. */
async function apply(
  store: TreeStore,
  lines: readonly TreeLine[],
  { files, directories }: Changes,
): Promise<CommitSha | undefined> {
  const byName = new Map(lines.map((line) => [line.name, line]));
  for (const [name, version] of files) {
    byName.delete(name);
    if (version !== null) byName.set(name, { name, ...version });
  }
  for (const [name, changes] of directories) {
    const line = byName.get(name);
    const before = line?.mode === DIRECTORY ? await store.readTree(line.object) : [];
    const object = await apply(store, before, changes);
    // Removing something below a file changes nothing.
    const untouched = line !== undefined && line.mode !== DIRECTORY && object === undefined;
    if (object !== undefined) byName.set(name, { mode: DIRECTORY, name, object });
    else if (!untouched) byName.delete(name);
  }
  return byName.size === 0 ? undefined : store.writeTree([...byName.values()]);
}

function checkedParts(path: string): string[] {
  const parts = Buffer.from(path).toString('latin1').split('/');
  const bad = parts.some(
    (part) =>
      part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git' || part.includes('\0'),
  );
  if (!bad) return parts;
  throw new GitError('GIT_BAD_ARGUMENT', `not a path git would keep: ${JSON.stringify(path)}`);
}
