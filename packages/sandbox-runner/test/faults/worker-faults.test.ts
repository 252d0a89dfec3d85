import { spawnSync } from 'node:child_process';
import type { SandboxBackend } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../src/conformance/source-repository.ts';
import { runTask } from '../../src/index.ts';
import { machineTime } from '../../src/process/machine-time.ts';
import { findLabelledProcesses, sandboxLabel } from '../../src/process/process-table.ts';
import { cannotIsolate, HOST_PATH, ISOLATIONS, localBackend, temporaryFolder } from '../local-machine.ts';
import { REF, taskOptions, WORKER } from '../task-setup.ts';

const TEN_YEARS_MS = 10 * 365 * 86_400_000;
let source: SourceRepository;
beforeAll(async () => {
  source = await createSourceRepository();
});
afterAll(() => source[Symbol.asyncDispose]());

describe.each(ISOLATIONS)('a worker that comes to harm, with isolation %s', (isolation) => {
  const runtime = { readOnlyPaths: [WORKER], nodePath: process.execPath };
  let backend: SandboxBackend;
  beforeAll(() => {
    backend = localBackend(isolation, { runtime });
  });
  afterAll(() => backend[Symbol.asyncDispose]());

  const nothingLeft = async (id: string) => {
    expect(await findLabelledProcesses(sandboxLabel(id))).toEqual([]);
    expect(await backend.list({})).toEqual([]);
  };

  it('keeps the work of one that is killed from outside', async () => {
    const run = runTask(taskOptions(backend, source, 'slow'));
    const id = await run.sandboxId;
    for await (const frame of run.events) {
      if (frame.type !== 'heartbeat') continue;
      for (const pid of await findLabelledProcesses(sandboxLabel(id))) spawnSync('kill', ['-9', String(pid)]);
      break;
    }
    expect(await run.result).toMatchObject({
      status: 'failed',
      reason: 'worker_died',
      head: await source.git('rev-parse', REF),
    });
    await nothingLeft(id);
  });

  it('ends a process that it left behind as a daemon', async () => {
    const run = runTask(taskOptions(backend, source, 'leavesDaemon'));
    expect((await run.result).status).toBe('handed_off');
    await nothingLeft(await run.sandboxId);
  });

  it.each([TEN_YEARS_MS, -TEN_YEARS_MS])('does not notice that the clock is set by %d ms', async (jumpMs) => {
    let setByMs = 0;
    const time = { ...machineTime, nowMs: () => Date.now() + setByMs };
    await using timed = localBackend(isolation, { runtime, time });
    const options = taskOptions(timed, source, 'talks');
    const spec = { ...options.spec, wallTimeoutMs: 60_000, idleTimeoutMs: 60_000 };
    const run = runTask({ ...options, spec, time, silenceTimeoutMs: 20_000 });
    for await (const frame of run.events) {
      if (frame.type === 'progress' && frame.toolCalls === 10) setByMs = jumpMs;
    }
    expect((await run.result).status).toBe('handed_off');
  });

  it('does not take the sleep of the machine for the silence of a worker', async () => {
    let sleptMs = 0;
    const time = { ...machineTime, steadyMs: () => machineTime.steadyMs() + sleptMs };
    await using timed = localBackend(isolation, { runtime, time });
    const run = runTask({ ...taskOptions(timed, source, 'ponders'), time, silenceTimeoutMs: 20_000 });
    for await (const frame of run.events) if (frame.type === 'progress') sleptMs = 3_600_000;
    expect(await run.result).toMatchObject({ status: 'handed_off' });
  });

  it('ends in time although the clock was set back', async () => {
    let setByMs = 0;
    const time = { ...machineTime, nowMs: () => Date.now() + setByMs };
    await using timed = localBackend(isolation, { runtime, time });
    const run = runTask({ ...taskOptions(timed, source, 'silent'), time, silenceTimeoutMs: 2_000 });
    await run.sandboxId;
    setByMs = -TEN_YEARS_MS;
    expect(await run.result).toMatchObject({ message: 'the worker sent nothing for 2000 ms' });
  });

  it('loses no handoff when the disk is full', (context) => {
    if (cannotIsolate !== undefined) context.skip(cannotIsolate);
    const folder = temporaryFolder('disk');
    const result = onSmallDisk(folder, [isolation, folder, source.repository, source.commit]);
    expect(result.stderr).toBe('');
    expect(JSON.parse(result.stdout)).toEqual({
      ...{ wasFull: true, status: 'handed_off', left: [], sandboxes: [] },
      ...{ isFull: true, read: 'finished', orphans: [] },
    });
  });
});

/** Runs the small program of the full disk where `folder` is an empty file system of 24 MiB. */
function onSmallDisk(folder: string, args: readonly string[]) {
  const program = new URL('./full-disk-process.ts', import.meta.url).pathname;
  const mounts = ['--dev-bind', '/', '/', '--size', String(24 * 1024 * 1024), '--tmpfs', folder];
  const node = [process.execPath, '--conditions=@agentswarm/source', program];
  return spawnSync('bwrap', [...mounts, ...node, ...args], {
    encoding: 'utf8',
    env: { PATH: HOST_PATH },
    timeout: 60_000,
  });
}
