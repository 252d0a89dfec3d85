import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCaptured } from './captured-cli.ts';
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
