import { readdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { LlmError } from '../errors.ts';

/** What this process holds: a file of its name that is not here was left by an earlier process of the same number. */
const HELD = new Set<string>();

/**
 * Takes the right to write a file, until disposed. Advisory: it keeps out whoever asks, too. Each process puts a file
 * of its own name beside the budget and then looks for others, so that taking over from a dead one cannot race; two
 * that come at the same moment may both be refused. A process of another host counts as alive.
 *
 * @throws {LlmError} BUDGET_UNWRITABLE naming the file of the process that holds it.
 */
export async function lockBudgetFile(path: string): Promise<AsyncDisposable> {
  const prefix = `${resolve(path)}.lock.`;
  const own = `${prefix}${hostname()}.${process.pid}`;
  if (HELD.has(own)) throw heldBy(path, own);
  HELD.add(own);
  const release = async () => {
    await rm(own, { force: true });
    HELD.delete(own);
  };
  try {
    await writeFile(own, '');
    await refuseLiveHolder(path, own);
  } catch (error) {
    await release();
    throw error;
  }
  return { [Symbol.asyncDispose]: release };
}

async function refuseLiveHolder(path: string, own: string): Promise<void> {
  const folder = dirname(own);
  const start = `${basename(path)}.lock.`;
  for (const name of await readdir(folder)) {
    const file = resolve(folder, name);
    if (!name.startsWith(start) || file === own) continue;
    if (mayBeAlive(name.slice(start.length))) throw heldBy(path, file);
    await rm(file, { force: true });
  }
}

function mayBeAlive(holder: string): boolean {
  const [, host, pid] = /^(.*)\.(\d+)$/.exec(holder) ?? [];
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's, so it is there.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

function heldBy(path: string, holder: string): LlmError {
  return new LlmError(
    'BUDGET_UNWRITABLE',
    `${path} is in use: ${holder} exists and its process may be alive`,
    {
      details: { path, holder },
    },
  );
}
