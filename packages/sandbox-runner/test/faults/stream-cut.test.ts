import type { SandboxBackend, WorkerFrame } from '@agentswarm/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../src/conformance/source-repository.ts';
import { runTask, type RunTaskOptions } from '../../src/index.ts';
import { ISOLATIONS, localBackend } from '../local-machine.ts';
import { REF, taskOptions, WORKER } from '../task-setup.ts';
import { faultyBackend, type Faults } from './faulty-backend.ts';

const RUNS = process.env['TEST_DEEP'] === undefined ? 6 : 60;
/** Somewhat more than the frames of an attempt have. */
const BYTES = 8_000;

let source: SourceRepository;
beforeAll(async () => {
  source = await createSourceRepository();
});
afterAll(() => source[Symbol.asyncDispose]());

describe.each(ISOLATIONS)('a connection that breaks, with isolation %s', (isolation) => {
  let backend: SandboxBackend;
  beforeAll(() => {
    backend = localBackend(isolation, { runtime: { readOnlyPaths: [WORKER], nodePath: process.execPath } });
  });
  afterAll(() => backend[Symbol.asyncDispose]());

  async function attempt(faults: Faults, more: Partial<RunTaskOptions> = {}) {
    const run = runTask({ ...taskOptions(faultyBackend(backend, faults), source, 'talks'), ...more });
    const frames: WorkerFrame[] = [];
    for await (const frame of run.events) frames.push(frame);
    const result = await run.result;
    expect(await backend.list({ run: 'run-task' })).toEqual([]);
    return {
      result,
      counts: frames.flatMap((frame) => (frame.type === 'progress' ? [frame.toolCalls] : [])),
    };
  }

  const all = Array.from({ length: 41 }, (_, count) => count);

  it('loses no frame and gives none twice, wherever it breaks and however long it takes', async () => {
    const cuts = fc.array(fc.nat(BYTES), { minLength: 1, maxLength: 6 });
    const loss = fc.option(fc.nat(BYTES), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(cuts, fc.nat(3), loss, async (at, outageCalls, byte) => {
        const faults = { cuts: at, outageCalls, ...(byte === undefined ? {} : { loseResultAtByte: byte }) };
        const { result, counts } = await attempt(faults);
        expect(counts).toEqual(all);
        expect(result).toMatchObject({ status: 'handed_off', head: await source.git('rev-parse', REF) });
      }),
      { numRuns: RUNS },
    );
  });

  it('hands in finished work although the stream never comes back', async () => {
    const { result, counts } = await attempt({ cuts: [500], staysDeaf: true }, { silenceTimeoutMs: 20_000 });
    expect(result).toMatchObject({ status: 'handed_off' });
    expect(counts).toEqual(all.slice(0, counts.length));
  });

  it('ends a worker that cannot be heard after the silence time, with its work', async () => {
    const faults = { cuts: [10], staysDeaf: true, loseResultAtByte: 1 };
    const options = taskOptions(faultyBackend(backend, faults), source, 'slow');
    const result = await runTask({ ...options, silenceTimeoutMs: 2_000 }).result;
    expect(result).toMatchObject({ reason: 'worker_died', message: 'the worker sent nothing for 2000 ms' });
    expect(result).toMatchObject({ head: await source.git('rev-parse', REF) });
    expect(await backend.list({ run: 'run-task' })).toEqual([]);
  });

  it('holds a worker whose result was lost to its time', async () => {
    const options = taskOptions(faultyBackend(backend, { loseResultAtByte: 1 }), source, 'slow');
    const result = await runTask({ ...options, timeoutMs: 3_000 }).result;
    expect(result).toMatchObject({ status: 'failed', reason: 'timed_out' });
    expect(result).toMatchObject({ head: await source.git('rev-parse', REF) });
  });

  it('says that the sandbox is gone when there is none to attach to again', async () => {
    const faulty = faultyBackend(backend, { cuts: [10], loseResultAtByte: 1 });
    const gone: SandboxBackend = {
      ...faulty,
      attach: async (id) => {
        await backend.reap({ run: 'run-task' });
        return await faulty.attach(id);
      },
    };
    const run = runTask(taskOptions(gone, source, 'slow'));
    expect(await run.result).toMatchObject({ status: 'failed', reason: 'sandbox_failed' });
  });
});
