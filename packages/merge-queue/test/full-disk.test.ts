import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const BUBBLEWRAP: string = 'bwrap';
const SCRIPT = fileURLToPath(new URL('./crash/full-disk-process.ts', import.meta.url));

/** Runs a command that sees `folder` as an empty file system of 2 MiB, for temporary files too. */
function runOnSmallDisk(folder: string, command: readonly string[]) {
  const mounts = ['--dev-bind', '/', '/', '--size', String(2 * 1024 * 1024), '--tmpfs', folder];
  return spawnSync(BUBBLEWRAP, [...mounts, '--setenv', 'TMPDIR', folder, ...command], { encoding: 'utf8' });
}

it.for([
  ['composing', 'REPOSITORY_FAILED', 0],
  ['landing', 'TARGET_UNREACHABLE', 1],
] as const)(
  'a disk that is full before %s is told as %s, and the rest lands once there is room',
  ([before, code, landed], context) => {
    const folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
    try {
      if (runOnSmallDisk(folder, ['true']).status !== 0)
        context.skip('bubblewrap cannot mount a small disk here');
      const run = runOnSmallDisk(folder, [
        process.execPath,
        '--conditions=@agentswarm/source',
        SCRIPT,
        folder,
        before,
      ]);
      expect(run.stderr).toBe('');
      expect(JSON.parse(run.stdout)).toEqual({
        whileFull: code,
        landedWhileFull: landed,
        withRoom: 'empty',
        outcomes: {
          'one.1': 'branch_landed',
          'two.1': 'branch_landed',
          'bad.1': 'branch_ejected',
          'three.1': 'branch_landed',
        },
        files: ['README.md', 'one', 'three', 'two'],
        problems: '',
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
