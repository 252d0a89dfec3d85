import { readFileSync } from 'node:fs';
import { AttemptIdSchema, type SandboxBackend, type WorkerFrame } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../src/conformance/source-repository.ts';
import { runTask, type RunTaskOptions } from '../src/index.ts';
import { ISOLATIONS, localBackend } from './local-machine.ts';
import { assignmentFor, ATTEMPT, REF, taskOptions, WORKER } from './task-setup.ts';

let source: SourceRepository;

beforeAll(async () => {
  source = await createSourceRepository();
});
afterAll(() => source[Symbol.asyncDispose]());

describe.each(ISOLATIONS)('runTask with isolation %s', (isolation) => {
  let backend: SandboxBackend;
  beforeAll(() => {
    backend = localBackend(isolation, {
      runtime: { readOnlyPaths: [WORKER], nodePath: process.execPath },
    });
  });
  afterAll(() => backend[Symbol.asyncDispose]());

  function start(behaviour: string, more: Partial<RunTaskOptions> = {}) {
    return runTask({ ...taskOptions(backend, source, behaviour), ...more });
  }

  const stored = () => source.git('rev-parse', REF);

  it('hands over handoff, commits and frames of a good worker', async () => {
    const attempt = start('good');
    const frames: WorkerFrame['type'][] = [];
    for await (const frame of attempt.events) frames.push(frame.type);
    const result = await attempt.result;
    const head = await stored();
    expect(result).toMatchObject({ status: 'handed_off', attemptId: ATTEMPT, head, handoff: { head } });
    expect(frames).toEqual(['progress', 'commit']);
    expect(await attempt.sandboxId).toMatch(/^sbx-/);
    expect(await backend.list({ run: 'run-task' })).toEqual([]);
    expect(await source.git('show', `${REF}:work`)).toBe('work');
  });

  it('keeps the work of a worker that died', async () => {
    const result = await start('dies').result;
    expect(result).toMatchObject({ status: 'failed', reason: 'worker_died', head: await stored() });
    expect(result).toMatchObject({ message: expect.stringContaining('SIGKILL') as string });
    expect(await source.git('show', `${REF}:work`)).toBe('work');
  });

  it('says how a worker ended that failed without a word', async () => {
    const result = await start('exits').result;
    expect(result).toEqual({
      status: 'failed',
      attemptId: ATTEMPT,
      reason: 'worker_died',
      message: 'the worker exited with 3: something broke',
    });
  });

  it('ends a worker that fell silent, and keeps its work', async () => {
    const result = await start('silent', { silenceTimeoutMs: 3_000 }).result;
    expect(result).toMatchObject({ reason: 'worker_died', head: await stored() });
    expect(result).toMatchObject({ message: 'the worker sent nothing for 3000 ms' });
  });

  it('ends a worker at its time limit although it sends frames, and keeps its work', async () => {
    const result = await start('slow', { timeoutMs: 4_000, silenceTimeoutMs: 3_000 }).result;
    expect(result).toMatchObject({ status: 'failed', reason: 'timed_out', head: await stored() });
  });

  it('ends a worker that takes more than its sandbox may, names the limit and keeps its work', async () => {
    const spec = {
      labels: { run: 'run-task', purpose: 'attempt', task: 'task', attempt: ATTEMPT },
      source: source.at(source.commit),
      limits: { memoryMb: 300 },
    } as const;
    const result = await start('greedy', { spec }).result;
    expect(result).toMatchObject({ status: 'failed', reason: 'over_limit', head: await stored() });
    expect(result).toMatchObject({ message: expect.stringContaining('limit of memory') as string });
    expect(await source.git('show', `${REF}:work`)).toBe('work');
  });

  it('does not lose a finished result when the worker hangs afterwards', async () => {
    const result = await start('hangsAfterHandoff', { timeoutMs: 4_000 }).result;
    expect(result).toMatchObject({ status: 'handed_off', head: await stored() });
  });

  it('trusts only frames that are valid and of this attempt', async () => {
    const attempt = start('garbage');
    const frames: WorkerFrame[] = [];
    for await (const frame of attempt.events) frames.push(frame);
    expect(frames.map(({ type, attemptId }) => `${type} ${attemptId}`)).toEqual([
      'heartbeat task.1',
      'commit task.1',
    ]);
    expect((await attempt.result).status).toBe('handed_off');
  });

  it('is not held up when nobody reads the frames', async () => {
    expect((await start('floods').result).status).toBe('handed_off');
  });

  it('ends a worker that floods, and keeps its work', async () => {
    const result = await start('floodsForEver', { maxFrameBytes: 1024 * 1024 }).result;
    const message = 'the worker sent more than 1048576 bytes of frames';
    expect(result).toMatchObject({ reason: 'worker_died', message, head: await stored() });
  });

  it('hands the result over while the sandbox still exists', async () => {
    const seen: unknown[] = [];
    const attempt = start('good', {
      onResult: async ({ status }) => {
        seen.push(status, (await backend.list({ run: 'run-task' })).length);
      },
    });
    expect((await attempt.result).status).toBe('handed_off');
    expect(seen).toEqual(['handed_off', 1]);
    expect(await backend.list({ run: 'run-task' })).toEqual([]);
  });

  it.each([
    ['notJson', 'handoff_invalid'],
    ['wrongForm', 'handoff_invalid'],
    ['linkedHandoff', 'handoff_invalid'],
    ['otherAttempt', 'handoff_invalid'],
    ['otherBase', 'handoff_invalid'],
    ['noHandoff', 'handoff_missing'],
    ['nothing', 'no_changes'],
    ['otherHead', 'commits_invalid'],
    ['unpushed', 'commits_invalid'],
    ['unrelated', 'commits_invalid'],
    ['blocked', 'blocked'],
    ['modelFailed', 'model_failed'],
  ])('fails a worker that is %s as %s', async (behaviour, reason) => {
    const result = await start(behaviour).result;
    expect(result).toMatchObject({ status: 'failed', reason });
    if (behaviour === 'linkedHandoff') {
      expect(JSON.stringify(result)).not.toContain(readFileSync('/etc/passwd', 'utf8').slice(0, 20));
    }
  });

  it('stops on abort, keeps the work and leaves no sandbox', async () => {
    const abort = new AbortController();
    const attempt = start('slow', { signal: abort.signal });
    for await (const frame of attempt.events) if (frame.type === 'commit') abort.abort();
    expect(await attempt.result).toMatchObject({
      status: 'failed',
      reason: 'worker_died',
      head: await stored(),
    });
    expect(await backend.list({ run: 'run-task' })).toEqual([]);
  });

  it('keeps snapshots of a worker that is then killed', async () => {
    const refs = `refs/agentswarm/run-task-${isolation}/snapshots/task.1`;
    const abort = new AbortController();
    const attempt = start('slow', { signal: abort.signal, snapshots: { refs, intervalMs: 0 } });
    const list = () => source.git('for-each-ref', '--format=%(objectname)', `${refs}/`);
    while ((await list()) === '') await new Promise((resolve) => setTimeout(resolve, 20));
    const snapshot = await list();
    abort.abort();
    expect(await attempt.result).toMatchObject({ status: 'failed', head: snapshot });
    expect(await list()).toBe(snapshot);
    expect(await source.git('show', `${refs}/1:work`)).toBe('work');
  });

  it('makes a failed result of a sandbox that cannot be made', async () => {
    const attempt = start('good', {
      spec: {
        labels: { run: 'run-task', purpose: 'attempt', attempt: ATTEMPT },
        source: source.at('0123456789'.repeat(4) as typeof source.commit),
      },
    });
    expect(await attempt.result).toMatchObject({ status: 'failed', reason: 'sandbox_failed' });
    await expect(attempt.sandboxId).rejects.toMatchObject({ code: 'SANDBOX_SETUP_FAILED' });
    for await (const frame of attempt.events) expect(frame).toBeUndefined();
  });

  it('refuses an assignment that is for another attempt', async () => {
    const attempt = start('good', {
      assignment: (sandbox) => ({
        ...assignmentFor(source, sandbox),
        attemptId: AttemptIdSchema.parse('task.2'),
      }),
    });
    expect(await attempt.result).toMatchObject({ status: 'failed', reason: 'sandbox_failed' });
  });

  it('says that a worker could not be started', async () => {
    const attempt = start('good', { workerCommand: ['no-such-worker'] });
    expect(await attempt.result).toMatchObject({ status: 'failed', reason: 'sandbox_failed' });
  });
});
