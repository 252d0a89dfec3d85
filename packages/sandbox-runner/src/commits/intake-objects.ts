import { constants } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, SandboxError } from '../errors.ts';

const MAX_BYTES = 1024 * 1024 * 1024;
const MAX_FILES = 200_000;
const HAS_PROC = process.platform === 'linux';
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

interface Allowance {
  bytes: number;
  files: number;
}

interface CopiedObjects {
  /** Names of the loose ones. */
  readonly loose: readonly string[];
  /** Paths of the copies. */
  readonly packs: readonly string[];
}

/**
 * Copies loose objects and packs, known by their names, from a directory that may be hostile; links,
 * alternates, indexes and everything else stay behind.
 *
 * @throws {SandboxError} COMMITS_INVALID when it is too much or not made of plain files.
 */
export async function copyIntakeObjects(from: string, to: string): Promise<CopiedObjects> {
  const left: Allowance = { bytes: MAX_BYTES, files: MAX_FILES };
  await using top = await openFolder(from, 'objects');
  if (top === undefined) return { loose: [], packs: [] };
  const loose: string[] = [];
  for (const name of (await readdir(top.path)).filter((entry) => /^[0-9a-f]{2}$/.test(entry))) {
    const copied = await copyFolder(join(top.path, name), join(to, name), {
      wanted: /^(?:[0-9a-f]{38}|[0-9a-f]{62})$/,
      left,
    });
    loose.push(...copied.map((rest) => name + rest));
  }
  const packs = await copyFolder(join(top.path, 'pack'), join(to, 'pack'), {
    wanted: /^pack-[0-9a-f]{40,64}\.pack$/,
    left,
  });
  return { loose, packs: packs.map((name) => join(to, 'pack', name)) };
}

interface FolderCopy {
  readonly wanted: RegExp;
  readonly left: Allowance;
}

/** Gives the names of what it copied. */
async function copyFolder(from: string, to: string, copy: FolderCopy): Promise<string[]> {
  await using folder = await openFolder(from, 'an object folder');
  if (folder === undefined) return [];
  const names = (await readdir(folder.path)).filter((name) => copy.wanted.test(name));
  if (names.length === 0) return [];
  await mkdir(to, { recursive: true });
  copy.left.files -= names.length;
  if (copy.left.files < 0) throw invalid(`it holds more than ${MAX_FILES} objects`);
  for (const name of names) await copyPlainFile(join(folder.path, name), join(to, name), copy.left);
  return names;
}

async function openFolder(path: string, what: string) {
  try {
    const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return {
      path: HAS_PROC ? `/proc/self/fd/${handle.fd}` : path,
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined;
    throw invalid(`${what} is not a plain folder`, cause);
  }
}

async function copyPlainFile(from: string, to: string, left: Allowance): Promise<void> {
  try {
    await using source = await open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = await source.stat();
    if (!stats.isFile()) throw invalid('an object is not a plain file');
    left.bytes -= stats.size;
    if (left.bytes < 0) throw invalid(`it holds more than ${MAX_BYTES} bytes`);
    await using target = await open(to, 'wx');
    // Exactly the size that was counted, though the file may still grow.
    const buffer = Buffer.alloc(Math.min(1024 * 1024, Math.max(1, stats.size)));
    for (let position = 0; position < stats.size;) {
      const length = Math.min(buffer.length, stats.size - position);
      const { bytesRead } = await source.read(buffer, 0, length, position);
      if (bytesRead === 0) break;
      await target.write(buffer, 0, bytesRead);
      position += bytesRead;
    }
  } catch (cause) {
    // Whatever keeps it from being read is the sandbox's doing, and no fault of this machine.
    if (['ELOOP', 'ENXIO', 'EACCES', 'EPERM', 'ENOENT'].includes(errnoOf(cause) ?? '')) {
      throw invalid('an object is not a plain, readable file', cause);
    }
    throw cause;
  }
}

function invalid(why: string, cause?: unknown): SandboxError {
  return new SandboxError(
    'COMMITS_INVALID',
    `the intake was refused: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
