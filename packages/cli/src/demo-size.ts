import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes the files below a directory take; links are not followed. */
export async function sizeOnDisk(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
