import { copyFile, constants, mkdir, open, symlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { errnoOf } from '../errors.ts';
import { MAX_DEPTH, type Allowance } from './allowance.ts';
import type { TarEntry } from './read-tar.ts';
import { transferRefused } from './transfer-refused.ts';

interface Unpacking {
  /** Made for this, and out of reach of whoever made the archive. */
  readonly folder: string;
  readonly left: Allowance;
  readonly signal?: AbortSignal;
}

type Kind = 'folder' | 'file' | 'link';

/**
 * Makes the files, folders and links of an archive in an empty folder. Nothing is ever made but below a
 * folder that this archive made before, and links come last: no name can lead through one. What belongs to
 * a repository's `.git` is left out: its hooks and settings would run programs of whoever wrote them.
 *
 * @throws SANDBOX_TRANSFER_REFUSED
 */
export async function unpackTree(entries: AsyncIterable<TarEntry>, unpacking: Unpacking): Promise<void> {
  const made = new Map<string, Kind>([['', 'folder']]);
  const links: { readonly path: string; readonly target: string }[] = [];
  const sizes = new Map<string, number>();
  for await (const entry of entries) {
    unpacking.signal?.throwIfAborted();
    const path = normalise(entry.path);
    if (path === '' && entry.kind === 'folder') continue;
    if (isOfGit(path)) {
      if (entry.kind === 'file') await passBy(entry.content, unpacking);
      continue;
    }
    requirePlace(made, path);
    if (entry.kind === 'folder') requireDepth(path);
    unpacking.left.take(bytesOf(entry, sizes));
    made.set(path, entry.kind === 'copy' ? 'file' : entry.kind);
    if (entry.kind === 'link') links.push({ path, target: checkTarget(path, entry.target) });
    else await refusing(path, () => make(entry, path, unpacking));
    if (made.get(path) === 'file') sizes.set(path, bytesOf(entry, sizes));
  }
  for (const { path, target } of links) {
    await refusing(path, () => symlink(target, join(unpacking.folder, path)));
  }
}

function isOfGit(path: string): boolean {
  return path.split('/').some((name) => name.toLowerCase() === '.git');
}

async function passBy(content: AsyncIterable<Uint8Array>, { left, signal }: Unpacking): Promise<void> {
  for await (const part of content) {
    signal?.throwIfAborted();
    left.take(part.length);
  }
}

function bytesOf(entry: TarEntry, sizes: ReadonlyMap<string, number>): number {
  if (entry.kind === 'file') return entry.size;
  if (entry.kind !== 'copy') return 0;
  const size = sizes.get(normalise(entry.of));
  if (size === undefined)
    throw transferRefused(`${JSON.stringify(entry.path)} is linked to no file before it`);
  return size;
}

async function make(
  entry: Exclude<TarEntry, { readonly kind: 'link' }>,
  path: string,
  { folder, signal }: Unpacking,
): Promise<void> {
  const target = join(folder, path);
  if (entry.kind === 'folder') return await mkdir(target);
  if (entry.kind === 'copy') {
    return await copyFile(join(folder, normalise(entry.of)), target, constants.COPYFILE_EXCL);
  }
  await using file = await open(target, 'wx', entry.executable ? 0o755 : 0o644);
  for await (const part of entry.content) {
    signal?.throwIfAborted();
    await file.writeFile(part);
  }
}

/** A path in the form `a/b`. */
function normalise(path: string): string {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (path.startsWith('/') || names.includes('..') || path.includes('\0')) {
    throw transferRefused(`the name ${JSON.stringify(path)} leads elsewhere`);
  }
  return names.join('/');
}

function requirePlace(made: ReadonlyMap<string, Kind>, path: string): void {
  if (path === '') throw transferRefused('a file has no name');
  if (made.has(path)) throw transferRefused(`${JSON.stringify(path)} comes twice`);
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  if (made.get(parent) !== 'folder') throw transferRefused(`${JSON.stringify(path)} is in no folder`);
}

/** What could not be sent back is not taken. */
function requireDepth(folder: string): void {
  if (folder.split('/').length >= MAX_DEPTH) throw transferRefused(`it is deeper than ${MAX_DEPTH} folders`);
}

/**
 * A link may go up at first, within the tree, and only down from there. The first part passes through real
 * folders, so the way it reads is the way it leads; the second may pass through further links of this kind.
 */
function checkTarget(path: string, target: string): string {
  const names = target.split('/').filter((name) => name !== '' && name !== '.');
  const down = names.findIndex((name) => name !== '..');
  const leaves =
    posix.isAbsolute(target) ||
    target.includes('\0') ||
    names.slice(Math.max(0, down)).includes('..') ||
    names.filter((name) => name === '..').length > path.split('/').length - 1;
  if (!leaves && target !== '') return target;
  throw transferRefused(`the link ${JSON.stringify(path)} leads out of the tree`);
}

/** Names that this machine cannot tell apart, or cannot write, are the archive's fault. */
async function refusing(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (!['EEXIST', 'ENAMETOOLONG', 'EILSEQ', 'EINVAL'].includes(errnoOf(cause) ?? '')) throw cause;
    throw transferRefused(`${JSON.stringify(path)} cannot be written here`, cause);
  }
}
