import { runHelper } from '../spawn.ts';
import { parsePsTable, PS_COLUMNS, type ProcessSample } from './process-sample.ts';
import { readProc } from './read-proc.ts';

const HAS_PROC = process.platform === 'linux';

/** All processes of the machine, by their ids. */
export async function readProcesses(): Promise<ReadonlyMap<number, ProcessSample>> {
  if (HAS_PROC) return readProc();
  const table = await runHelper('ps', ['-A', '-o', PS_COLUMNS], { env: { PATH: '/usr/bin:/bin' } });
  return new Map(parsePsTable(table.stdout).map((sample) => [sample.pid, sample]));
}
