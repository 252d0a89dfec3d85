import { constants } from 'node:fs';
import { lstat, mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, SandboxError } from '../errors.ts';

const { O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } = constants;
const HAS_PROC = process.platform === 'linux';
const READ_CHUNK_BYTES = 256 * 1024;

/**
 * Reads a regular file below `folder`, whose content a sandbox controls: no symbolic link is
 * followed on the way, also when one appears meanwhile, and no pipe or device is opened for good.
 *
 * @throws {SandboxError} SANDBOX_FILE_REFUSED when the file is missing, of another kind or too big.
 */
export async function readInside(folder: string, relative: string, maxBytes: number): Promise<Buffer> {
  await using file = await openRegular(folder, relative, O_RDONLY | O_NONBLOCK);
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(READ_CHUNK_BYTES), 0, READ_CHUNK_BYTES, size);
    if (bytesRead === 0) return Buffer.concat(chunks);
    size += bytesRead;
    if (size > maxBytes) throw refused(relative, `is larger than ${maxBytes} bytes`);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

/** Writes a file below `folder` under the same precautions, making the folders that are missing. */
export async function writeInside(
  folder: string,
  relative: string,
  content: string | Uint8Array,
): Promise<void> {
  await using file = await openRegular(folder, relative, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK);
  await file.writeFile(content);
}

/** Opens a file below `folder` under these precautions. */
export async function openRegular(folder: string, relative: string, flags: number): Promise<FileHandle> {
  const file = await openInside(folder, relative, flags);
  try {
    if ((await file.stat()).isFile()) return file;
    throw refused(relative, 'is not a regular file');
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openInside(folder: string, relative: string, flags: number): Promise<FileHandle> {
  const names = relative.split('/').filter((name) => name !== '' && name !== '.');
  const last = names.pop();
  if (last === undefined || last === '..' || names.includes('..'))
    throw refused(relative, 'is not a file name');
  let current = await open(folder, O_RDONLY | O_DIRECTORY);
  let path = folder;
  try {
    for (const name of names) {
      const make = (flags & O_CREAT) !== 0;
      const next = await openStep(current, { path, name, flags: O_RDONLY | O_DIRECTORY, relative, make });
      await current.close();
      current = next;
      path = join(path, name);
    }
    return await openStep(current, { path, name: last, flags, relative, make: false });
  } finally {
    await current.close();
  }
}

interface Step {
  /** Where the open folder was found. */
  readonly path: string;
  readonly name: string;
  readonly flags: number;
  readonly relative: string;
  /** Make the folder when it is missing. */
  readonly make: boolean;
}

async function openStep(parent: FileHandle, step: Step): Promise<FileHandle> {
  // Through the open folder, so that it cannot be exchanged for a link between two steps.
  const path = HAS_PROC ? `/proc/self/fd/${parent.fd}/${step.name}` : join(step.path, step.name);
  try {
    if (step.make) await mkdir(path).catch(ignoreExisting);
    if (!HAS_PROC && (await isLink(path))) throw refused(step.relative, 'leads through a symbolic link');
    return await open(path, step.flags | O_NOFOLLOW, 0o644);
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === 'ENOENT') throw refused(step.relative, 'does not exist', cause);
    if (errno === 'ELOOP' || errno === 'ENOTDIR' || errno === 'ENXIO' || errno === 'EISDIR') {
      throw refused(step.relative, 'is not a regular file in a plain folder', cause);
    }
    throw cause;
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function ignoreExisting(error: unknown): void {
  if (errnoOf(error) !== 'EEXIST') throw error;
}

function refused(relative: string, why: string, cause?: unknown): SandboxError {
  return new SandboxError('SANDBOX_FILE_REFUSED', `the sandbox's file ${relative} ${why}`, {
    details: { file: relative, missing: why === 'does not exist' },
    ...(cause === undefined ? {} : { cause }),
  });
}
