import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { ToolError } from '../errors.ts';
import { errnoOf } from './system-failure.ts';
import type { Location } from './locate.ts';
import { openDirectory } from './open-directory.ts';

/** Not waiting for the other end of a FIFO, not becoming a terminal's process. */
const SAFELY = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const FLAGS = {
  read: constants.O_RDONLY | SAFELY,
  write: constants.O_WRONLY | constants.O_CREAT | SAFELY,
};

/**
 * Opens a regular file at a place inside the root; for `write` it and its directories are made when missing, and what
 * is there is kept. A symlink that appeared since is refused, and so are directories, devices, FIFOs and sockets.
 */
export async function openFile(location: Location, purpose: keyof typeof FLAGS): Promise<FileHandle> {
  const { realRoot, names, relativePath } = location;
  const name = names.at(-1);
  if (name === undefined) throw notRegular(relativePath);
  await using directory = await openDirectory(
    { realRoot, names: names.slice(0, -1) },
    { create: purpose === 'write' },
  );
  // Opening a device can do something already, so it is looked at before; what counts is the look after.
  if (!(await mayOpen(directory.entry(name)))) throw notRegular(relativePath);
  const file = await open(directory.entry(name), FLAGS[purpose]);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw notRegular(relativePath);
}

async function mayOpen(entry: string): Promise<boolean> {
  try {
    return (await lstat(entry)).isFile();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return true;
    throw error;
  }
}

function notRegular(relativePath: string): ToolError {
  return new ToolError('TOOL_FAILED', `"${relativePath}" is not a regular file`);
}
