import { readlinkSync } from 'node:fs';
import { killUntilNone } from '../../limits/kill-until-none.ts';
import type { ProcessSample } from '../../limits/process-sample.ts';
import { carriesLabel, readProc } from '../../limits/read-proc.ts';
import { unlessGone } from '../../limits/unless-gone.ts';

/**
 * Ends the guards that a sandbox had before. They are known by their label and by running the same program as
 * this one, so that neither what only started a guard nor anybody else is hit; of two that start at once,
 * the younger stays.
 */
export async function endOlderGuards(label: string): Promise<void> {
  const program = programOf(process.pid);
  await killUntilNone(async () => {
    const table = readProc();
    const own = table.get(process.pid);
    if (own === undefined) return [];
    return [...table.values()].filter(
      (other) => isOlder(other, own) && programOf(other.pid) === program && carriesLabel(other.pid, label),
    );
  });
}

function isOlder(other: ProcessSample, own: ProcessSample): boolean {
  const ticks = Number(other.start) - Number(own.start);
  return ticks === 0 ? other.pid < own.pid : ticks < 0;
}

function programOf(pid: number): string | undefined {
  return unlessGone(() => readlinkSync(`/proc/${pid}/exe`));
}
