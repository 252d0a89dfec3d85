import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY_TALLY } from './tally.ts';
import type { Tally } from './tally.ts';

/** Where a test runner's reporter writes its tally; set by the process that starts the runner. */
export const TALLY_FILE_VARIABLE = 'AGENTSWARM_TALLY_FILE';

/** A file for one runner's tally; disposing removes it. */
export async function createTallyFile(runner: string) {
  const folder = await mkdtemp(join(tmpdir(), 'agentswarm-tally-'));
  const path = join(folder, 'tally.json');
  return {
    path,
    read: () => readTally(path, runner),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function readTally(file: string, runner: string): Promise<Tally> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Tally;
  } catch (error) {
    return { ...EMPTY_TALLY, failures: [`${runner} left no result: ${String(error)}`] };
  }
}
