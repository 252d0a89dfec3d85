import { statfs } from 'node:fs/promises';
import { measureFolders, MIN_FILE_BYTES } from './measure-folders.ts';
import { measureNamelessFiles } from './nameless-files.ts';
import { isWalkDue } from './watch-pace.ts';

/** A sandbox whose commands may write. */
interface DiskUser {
  readonly folders: readonly string[];
  /** Its processes: they may hold files open that are in no folder any more. */
  readonly pids: readonly number[];
  readonly allowedBytes: number;
  /** What it took when it was measured last. */
  usedBytes: number;
}

/** Measures the folders of sandboxes from time to time, and soon when the disk fills. */
export interface DiskMeter {
  /** Does nothing when it is not yet time. */
  update(users: readonly DiskUser[]): Promise<void>;
}

/** Makes a meter for sandboxes; what fills the file system of `root` is noticed soon. */
export function createDiskMeter(root: string): DiskMeter {
  let lastEndedMs = performance.now();
  let lastCostMs = 0;
  /** The most room there was since the last measurement, so that others who remove files hide nothing. */
  let mostFree: FreeRoom = { bytes: 0, files: 0 };
  return {
    update: async (users) => {
      const free = await readFreeRoom(root);
      mostFree = {
        bytes: Math.max(mostFree.bytes, free.bytes),
        files: Math.max(mostFree.files, free.files),
      };
      const grownBytes = growth(mostFree, free);
      const roomBytes = Math.min(...users.map(({ allowedBytes, usedBytes }) => allowedBytes - usedBytes));
      if (!isWalkDue({ nowMs: performance.now(), lastEndedMs, lastCostMs, grownBytes, roomBytes })) return;
      mostFree = free;
      lastCostMs = 0;
      for (const user of users) lastCostMs += await measureUser(user, grownBytes);
      lastEndedMs = performance.now();
    },
  };
}

/** Gives the time it took. */
async function measureUser(user: DiskUser, grownBytes: number): Promise<number> {
  const { bytes, complete, costMs } = await measureFolders(user.folders, user.allowedBytes);
  const measuredBytes = bytes + measureNamelessFiles(user.pids).diskBytes;
  // What cannot be looked at has grown by no more than the whole disk.
  user.usedBytes = complete ? measuredBytes : Math.max(measuredBytes, user.usedBytes + grownBytes);
  return costMs;
}

interface FreeRoom {
  readonly bytes: number;
  readonly files: number;
}

async function readFreeRoom(folder: string): Promise<FreeRoom> {
  const { bfree, bsize, ffree } = await statfs(folder);
  return { bytes: bfree * bsize, files: ffree };
}

/** Files without content take the room of others. */
function growth(before: FreeRoom, after: FreeRoom): number {
  return Math.max(before.bytes - after.bytes, (before.files - after.files) * MIN_FILE_BYTES);
}
