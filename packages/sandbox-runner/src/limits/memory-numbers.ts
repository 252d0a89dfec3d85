const BYTES_PER_KB = 1024;

function sumOfKilobytes(text: string, names: readonly string[]): number {
  return names.reduce((sum, name) => {
    const value = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(text)?.[1];
    return sum + Number(value ?? 0) * BYTES_PER_KB;
  }, 0);
}

/**
 * Memory of a process that is no file's, from `/proc/<pid>/status`; what several share counts for each.
 * Where the system does not tell files apart (gVisor), they count too.
 */
export function parseStatusMemory(status: string): number {
  return sumOfKilobytes(status, status.includes('\nRssAnon:') ? ['RssAnon', 'RssShmem'] : ['VmRSS']);
}

/** The same from `/proc/<pid>/smaps_rollup`, with an equal part of what is shared. */
export function parseSharedOutMemory(rollup: string): {
  readonly ownBytes: number;
  readonly sharedBytes: number;
} {
  return {
    ownBytes: sumOfKilobytes(rollup, ['Pss_Anon']),
    sharedBytes: sumOfKilobytes(rollup, ['Pss_Shmem']),
  };
}

/** Memory of the machine that is in files which live in memory, from `/proc/meminfo`. */
export function parseMemoryFiles(meminfo: string): number {
  return sumOfKilobytes(meminfo, ['Shmem']);
}
