import { readFileSync } from 'node:fs';
import { parseMemoryFiles, parseSharedOutMemory, parseStatusMemory } from './memory-numbers.ts';
import { measureNamelessFiles } from './nameless-files.ts';
import type { ProcessSample } from './process-sample.ts';
import { readSmallFile } from './read-proc.ts';
import { unlessGone } from './unless-gone.ts';

const HAS_PROC = process.platform === 'linux';

/** Tells how much memory processes take together. */
export interface MemoryMeter {
  /** Looks at the machine as a whole, once for all that are then measured. */
  refresh(): void;
  /** At most so much, at no cost: pages of files and what several share count for each. */
  atMost(samples: readonly ProcessSample[]): number;
  /** Looks at each process, twice where the first look finds more than `enoughBytes`. */
  measure(samples: readonly ProcessSample[], enoughBytes: number): number;
}

export function createMemoryMeter(): MemoryMeter {
  let leastFileBytes = Number.POSITIVE_INFINITY;
  let newFileBytes = 0;
  return {
    refresh: () => {
      const fileBytes = HAS_PROC ? parseMemoryFiles(readSmallFile('/proc/meminfo')) : 0;
      leastFileBytes = Math.min(leastFileBytes, fileBytes);
      // Files in memory that no process maps: whose they are is not known, but no sandbox has more.
      newFileBytes = fileBytes - leastFileBytes;
    },
    atMost: (samples) => newFileBytes + samples.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    measure: (samples, enoughBytes) => {
      if (!HAS_PROC) return samples.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
      const pids = samples.map(({ pid }) => pid);
      const ownBytes = pids.reduce((sum, pid) => sum + statusMemoryOf(pid), newFileBytes);
      if (ownBytes <= enoughBytes) return ownBytes;
      // Processes that begin to share while they are read one after the other seem to take more.
      return Math.min(measureClosely(pids), measureClosely(pids));
    },
  };
}

function statusMemoryOf(pid: number): number {
  return parseStatusMemory(readSmallFile(`/proc/${pid}/status`));
}

/** Leaves out pages of files, and divides shared ones among those who share them. */
function measureClosely(pids: readonly number[]): number {
  let ownBytes = 0;
  let sharedBytes = 0;
  for (const pid of pids) {
    const rollup = unlessGone(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
    if (rollup === undefined) {
      // Gone, or the system has no such file.
      ownBytes += statusMemoryOf(pid);
      continue;
    }
    const memory = parseSharedOutMemory(rollup);
    ownBytes += memory.ownBytes;
    sharedBytes += memory.sharedBytes;
  }
  // A file may be both mapped and held open; counting it twice would end programs that do no harm.
  return ownBytes + Math.max(sharedBytes, measureNamelessFiles(pids).memoryBytes);
}
