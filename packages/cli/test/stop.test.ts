import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RunEventSchema } from '@agentswarm/core';
import { openSqliteJournal } from '@agentswarm/journal';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCaptured } from './captured-cli.ts';
import { RUN_ID, runStarted } from './synthetic-run.ts';
import { spawnCli } from './spawned-cli.ts';

const HOST = fileURLToPath(new URL('./hosted-run.ts', import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentswarm-stop-'));
  writeFileSync(join(directory, 'SPEC.md'), '# Spec');
});
afterEach(() => rmSync(directory, { recursive: true }));

const agentswarm = (...argv: string[]) => runCaptured(argv, { directory });

it('shows a live run as live, stops it gracefully and waits until it is gone', async () => {
  const env = { LLM_BASE_URL: 'http://127.0.0.1:1' };
  const run = spawnCli([], { cwd: directory, env, main: HOST });
  await expect.poll(() => run.output(), { timeout: 20_000 }).toContain('camera.1');
  const status = JSON.parse((await agentswarm('status', '--json')).stdout);
  expect(status).toMatchObject({ live: true, outcome: 'unfinished' });
  const follow = agentswarm('log', '--follow', '--json');
  const stop = await agentswarm('stop');
  expect(stop.code).toBe(0);
  expect(stop.stdout).toMatch(/stopping run-\S+ \(process \d+\)\nstopped; resume with: agentswarm resume/);
  const { code, signal } = await run.result;
  expect([code, signal]).toEqual([130, null]);
  expect((await follow).stdout.trimEnd().split('\n').at(-1)).toContain('run_finished');
});

it('signals the process that is live, not the one an older journal names', async () => {
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const folder = join(directory, '.agentswarm', 'runs', 'run-zzz');
  mkdirSync(folder, { recursive: true });
  await using journal = openSqliteJournal({ path: join(folder, 'journal.db') });
  journal.append(
    RunEventSchema.parse({
      ...(runStarted(directory) as object),
      process: { pid: bystander.pid, version: '0' },
    }),
  );
  const env = { LLM_BASE_URL: 'http://127.0.0.1:1' };
  const run = spawnCli([], { cwd: directory, env, main: HOST });
  await expect.poll(() => run.output(), { timeout: 20_000 }).toContain('camera.1');
  expect(JSON.parse((await agentswarm('status', RUN_ID, '--json')).stdout)).toMatchObject({ live: true });
  expect(JSON.parse((await agentswarm('status', 'run-zzz', '--json')).stdout)).toMatchObject({ live: false });
  const stop = await agentswarm('stop');
  expect(stop).toMatchObject({ code: 0, stdout: expect.stringContaining(`stopping ${RUN_ID}`) as string });
  expect((await run.result).code).toBe(130);
  expect([bystander.exitCode, bystander.signalCode]).toEqual([null, null]);
  bystander.kill();
});

it('goes on when nobody reads what it prints any more', async () => {
  const env = { LLM_BASE_URL: 'http://127.0.0.1:1' };
  const run = spawnCli([], { cwd: directory, env, main: HOST });
  await expect.poll(() => run.output(), { timeout: 20_000 }).toContain('camera.1');
  run.child.stdout?.destroy();
  run.child.stderr?.destroy();
  expect((await agentswarm('stop')).code).toBe(0);
  expect((await run.result).code).toBe(130);
  expect(JSON.parse((await agentswarm('status', '--json')).stdout)).toMatchObject({ outcome: 'interrupted' });
});

it('ends a follower when the process of the run is killed', async () => {
  const env = { LLM_BASE_URL: 'http://127.0.0.1:1' };
  const run = spawnCli([], { cwd: directory, env, main: HOST });
  await expect.poll(() => run.output(), { timeout: 20_000 }).toContain('camera.1');
  const follow = agentswarm('log', '--follow');
  run.child.kill('SIGKILL');
  await run.result;
  expect((await follow).code).toBe(0);
  expect((await agentswarm('status')).stdout).toContain('not live');
});
