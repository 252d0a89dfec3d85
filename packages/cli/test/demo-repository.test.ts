import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDemoRepository } from '../src/demo-repository.ts';
import { runCaptured } from './captured-cli.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentswarm-demo-test-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('makes a clean repository with a remote, independent of the git configuration of the person', async () => {
  const project = join(directory, 'project');
  mkdirSync(join(project, 'node_modules', 'x'), { recursive: true });
  mkdirSync(join(project, 'src'));
  writeFileSync(join(project, 'src', 'a.ts'), '');
  writeFileSync(join(project, 'node_modules', 'x', 'b.js'), '');
  // As npm packs it.
  writeFileSync(join(project, '_gitignore'), 'node_modules\n');
  writeFileSync(join(directory, 'gitconfig'), '[core]\n\thooksPath = /nowhere\n[commit]\n\tgpgSign = true\n');
  mkdirSync(join(directory, 'demo'));
  const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: join(directory, 'gitconfig') };
  const path = await createDemoRepository({ project, directory: join(directory, 'demo'), env });
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', join(path, 'voxelcraft'), ...args])
      .toString()
      .trim();
  expect(git('ls-files').split('\n')).toEqual(['.gitignore', 'src/a.ts']);
  expect(git('status', '--porcelain')).toBe('');
  expect(git('log', '--format=%an', 'origin/main')).toBe('AgentSwarm Demo');
  expect(git('rev-parse', 'main')).toBe(git('ls-remote', 'origin', 'refs/heads/main').split('\t')[0]);
});

it('writes into no directory that holds something', async () => {
  writeFileSync(join(directory, 'mine'), '');
  const { code, stderr } = await runCaptured(['demo', '--dir', '.'], { directory });
  expect([code, stderr.includes('[CLI_DIRECTORY_NOT_EMPTY]')]).toEqual([2, true]);
  expect(existsSync(join(directory, 'voxelcraft'))).toBe(false);
});
