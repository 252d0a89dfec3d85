import { lstatSync, type Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../errno-of.ts';

const BYTES_PER_BLOCK = 512;
/** A file without content takes its place too: disks run out of files as well as of bytes. */
export const MIN_FILE_BYTES = 4096;
/** How long others wait while a folder is measured, and how long they then have for themselves. */
const SLICE_MS = 4;
const PAUSE_MS = 8;

/** What the files of folders take. */
export interface FolderSize {
  readonly bytes: number;
  /** False when some of it could not be looked at. */
  readonly complete: boolean;
  /** Time that was spent on it, without that left to others. */
  readonly costMs: number;
}

/**
 * Measures folders whose content a sandbox changes meanwhile, a little at a time, following no link. It
 * stops above `enoughBytes`. What lies so deep that its name is too long has no size that could be known:
 * no build makes such a thing, and it counts as endless.
 */
export async function measureFolders(folders: readonly string[], enoughBytes: number): Promise<FolderSize> {
  const waiting = [...folders];
  const linked = new Set<number>();
  const turns = createTurns();
  let bytes = 0;
  let complete = true;
  try {
    for (let path = waiting.pop(); path !== undefined && bytes <= enoughBytes; path = waiting.pop()) {
      const names = await list(path);
      if (names === undefined) complete = false;
      for (const name of names ?? []) {
        await turns.take();
        const child = `${path}/${name}`;
        const stats = look(child);
        if (stats === undefined || linked.has(stats.ino)) continue;
        if (stats.isDirectory()) waiting.push(child);
        else if (stats.nlink > 1) linked.add(stats.ino);
        bytes += Math.max(stats.blocks * BYTES_PER_BLOCK, MIN_FILE_BYTES);
      }
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENAMETOOLONG') throw error;
    bytes = Number.POSITIVE_INFINITY;
  }
  return { bytes, complete, costMs: turns.spentMs() };
}

/** Lets others have their turn when one was long. */
function createTurns() {
  let startedMs = performance.now();
  let earlierMs = 0;
  const thisMs = () => performance.now() - startedMs;
  return {
    take: async () => {
      if (thisMs() < SLICE_MS) return;
      earlierMs += thisMs();
      await sleep(PAUSE_MS);
      startedMs = performance.now();
    },
    spentMs: () => earlierMs + thisMs(),
  };
}

/** The names in a folder; none when it is gone, undefined when they cannot be read. */
async function list(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP') return [];
    if (errno === 'EACCES' || errno === 'EPERM') return undefined;
    throw error;
  }
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOTDIR' || errno === 'ELOOP' || errno === 'EACCES') return undefined;
    throw error;
  }
}
