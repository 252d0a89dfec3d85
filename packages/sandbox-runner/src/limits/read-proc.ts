import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { parseProcStat, type ProcessSample } from './process-sample.ts';
import { unlessGone } from './unless-gone.ts';

const DEFAULT_PAGE_BYTES = 4096;
const SMALL_FILE_BYTES = 4096;
const smallFile = Buffer.alloc(SMALL_FILE_BYTES);

/**
 * All processes of the machine, by their ids. At one go: what changes while it is read is as little as possible,
 * and it is over soonest. Linux only.
 */
export function readProc(): Map<number, ProcessSample> {
  const table = new Map<number, ProcessSample>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const sample = parseProcStat(readSmallFile(`/proc/${name}/stat`), readPageBytes());
    if (sample !== undefined) table.set(sample.pid, sample);
  }
  return table;
}

let pageBytes: number | undefined;

/** The unit of the kernel's numbers. */
function readPageBytes(): number {
  pageBytes ??= Number(
    /^KernelPageSize: *(\d+) kB$/m.exec(readFileSync('/proc/self/smaps', 'latin1'))?.[1] ??
      DEFAULT_PAGE_BYTES / 1024,
  );
  return pageBytes * 1024;
}

/** Reads the beginning of a file of `/proc`; empty when its process has ended or is somebody else's. */
export function readSmallFile(path: string): string {
  const file = unlessGone(() => openSync(path, 'r'));
  if (file === undefined) return '';
  try {
    const size = unlessGone(() => readSync(file, smallFile, 0, SMALL_FILE_BYTES, 0)) ?? 0;
    return smallFile.toString('latin1', 0, size);
  } finally {
    closeSync(file);
  }
}

/** The value of a variable in the environment that a process was started with. Linux only. */
export function readStartVariable(pid: number, name: string): string | undefined {
  return readStartEnvironment(pid)
    .find((entry) => entry.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** Whether a process was started with `NAME=value` as given. Linux only. */
export function carriesLabel(pid: number, label: string): boolean {
  return readStartEnvironment(pid).includes(label);
}

function readStartEnvironment(pid: number): readonly string[] {
  return (unlessGone(() => readFileSync(`/proc/${pid}/environ`, 'latin1')) ?? '').split('\0');
}
