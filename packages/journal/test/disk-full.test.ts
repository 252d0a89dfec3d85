import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createTempFolder } from './child.ts';

const script = fileURLToPath(new URL('./fixtures/fill-disk.ts', import.meta.url));

/** Runs a command that sees `folder` as an empty file system of 1 MiB. */
function runOnSmallDisk(folder: string, command: readonly string[]) {
  const mounts = ['--dev-bind', '/', '/', '--size', String(1024 * 1024), '--tmpfs', folder];
  return spawnSync('bwrap', [...mounts, ...command], { encoding: 'utf8' });
}

const canMount = runOnSmallDisk('/tmp', ['true']).status === 0;

it.skipIf(!canMount)('survives a disk that is really full (skipped without bubblewrap)', async () => {
  await using folder = await createTempFolder();
  const path = folder.join('.');
  const run = runOnSmallDisk(path, [process.execPath, '--conditions=@agentswarm/source', script, path]);
  expect(run.stderr).toBe('');
  const result = JSON.parse(run.stdout);
  expect(result.stored).toBeGreaterThan(10);
  expect(result).toEqual({
    code: 'DISK_FULL',
    stored: result.stored,
    readWhileFull: result.stored,
    next: result.stored + 1,
    last: result.stored + 1,
    count: result.stored + 1,
  });
});
