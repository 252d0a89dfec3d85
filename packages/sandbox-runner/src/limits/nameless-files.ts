import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { unlessGone } from './unless-gone.ts';

/** Room taken by files that have no name (any more) and are only held open. */
export interface NamelessFiles {
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

const BYTES_PER_BLOCK = 512;
/** How the kernel names a file that was made in memory (`memfd_create`). */
const MEMORY_FILE = '/memfd:';

/** Measures the nameless files that processes hold open. Linux only. */
export function measureNamelessFiles(pids: readonly number[]): NamelessFiles {
  const seen = new Set<string>();
  const bytes = { memory: 0, disk: 0 };
  for (const file of pids.flatMap(openFilesOf)) {
    const stats = unlessGone(() => statSync(file));
    if (stats === undefined || !stats.isFile() || stats.nlink > 0) continue;
    const name = `${stats.dev}:${stats.ino}`;
    if (seen.has(name)) continue;
    seen.add(name);
    const kind = unlessGone(() => readlinkSync(file))?.startsWith(MEMORY_FILE) ? 'memory' : 'disk';
    bytes[kind] += stats.blocks * BYTES_PER_BLOCK;
  }
  return { memoryBytes: bytes.memory, diskBytes: bytes.disk };
}

function openFilesOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return (unlessGone(() => readdirSync(folder)) ?? []).map((name) => `${folder}/${name}`);
}
