import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BUBBLEWRAP: string = 'bwrap';
const script = fileURLToPath(new URL('./fixtures/memory-process.ts', import.meta.url));

function commandOf(args: readonly string[]): string[] {
  return ['--conditions=@agentswarm/source', script, ...args];
}

/** A real process working on a store; killed at the latest when disposed. */
export function startMemoryProcess(...args: readonly string[]) {
  const child = spawn(process.execPath, commandOf(args), { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code)),
  );
  return {
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    exited,
    kill: () => child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The same, to its end, with a changed view of the file system. */
export function runMemoryProcess(mounts: readonly string[], ...args: readonly string[]) {
  return spawnSync(BUBBLEWRAP, ['--dev-bind', '/', '/', ...mounts, process.execPath, ...commandOf(args)], {
    encoding: 'utf8',
  });
}

export const canMount =
  spawnSync(BUBBLEWRAP, ['--dev-bind', '/', '/', '--tmpfs', tmpdir(), 'true']).status === 0;

export async function createTempFolder() {
  const path = await mkdtemp(join(tmpdir(), 'memory-'));
  return {
    path,
    join: (name: string) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
