import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../src/conformance/source-repository.ts';
import { resumeTask } from '../../src/index.ts';
import { findLabelledProcesses, sandboxLabel } from '../../src/process/process-table.ts';
import { ISOLATIONS, localBackend, temporaryFolder } from '../local-machine.ts';
import { ATTEMPT, REF, taskOptions, WORKER } from '../task-setup.ts';

const PARENT = join(import.meta.dirname, 'attempt-parent.ts');
const DEEP = process.env['TEST_DEEP'] !== undefined;
/** Frames after which the process dies; the last is the one that a worker sends when it has handed in. */
const POINTS = DEEP ? Array.from({ length: 41 }, (_, count) => String(count)) : ['0', '19', '33', '40'];
const ALL = Array.from({ length: 41 }, (_, count) => count);

let source: SourceRepository;
beforeAll(async () => {
  source = await createSourceRepository();
});
afterAll(() => source[Symbol.asyncDispose]());

describe.each(ISOLATIONS)('an attempt whose process is killed, with isolation %s', (isolation) => {
  it.each([...POINTS, 'result'])('is taken up where it was left at %s', async (point) => {
    const root = temporaryFolder('killed');
    const log = join(root, 'frames.log');
    writeFileSync(log, '');
    const args = [isolation, root, source.repository, source.commit, 'talks', log, point];
    const parent = spawn(process.execPath, ['--conditions=@agentswarm/source', PARENT, ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [, signal] = (await once(parent, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');

    await using backend = localBackend(isolation, {
      root,
      runtime: { readOnlyPaths: [WORKER], nodePath: process.execPath },
    });
    const [left] = await backend.list({ attempt: ATTEMPT });
    expect(left?.state).toBe('orphaned');
    const sandboxId = left?.id ?? '';
    const { store, timeoutMs } = taskOptions(backend, source, 'talks');
    const terms = { attemptId: ATTEMPT, base: source.commit, branch: source.at(source.commit).branch };
    const run = resumeTask({ backend, sandboxId, terms, store, timeoutMs });
    const counts: number[] = [];
    for await (const frame of run.events) if (frame.type === 'progress') counts.push(frame.toolCalls);
    const result = await run.result;

    const before = readFileSync(log, 'utf8').trimEnd().split('\n').map(Number);
    // Every frame again from the first, so that its reader can tell which are new.
    expect(counts).toEqual(ALL.slice(0, counts.length));
    expect(counts.length).toBeGreaterThanOrEqual(before.length);
    const isFinished = point === '40' || point === 'result';
    // Without isolation a worker outlives its parent, and is followed to its end.
    if (isFinished || isolation === 'none') {
      expect(counts).toEqual(ALL);
      expect(result).toMatchObject({ status: 'handed_off', head: await source.git('rev-parse', REF) });
    } else if (result.status === 'failed') {
      // The kernel ends an isolated worker with its parent; what reached the intake stays.
      expect(result.reason).toBe('worker_died');
      if (counts.length > 22) expect(result.head).toBe(await source.git('rev-parse', REF));
    }
    expect(await findLabelledProcesses(sandboxLabel(sandboxId))).toEqual([]);
    expect(await backend.list({})).toEqual([]);
    expect(readdirSync(join(root, 'sandboxes'))).toEqual([]);
  });

  it('is not taken up for another attempt, nor from a sandbox that is gone', async () => {
    await using backend = localBackend(isolation);
    const { store, timeoutMs } = taskOptions(backend, source, 'talks');
    const terms = { attemptId: ATTEMPT, base: source.commit, branch: source.at(source.commit).branch };
    const sandbox = await backend.create({
      labels: { run: 'run-task', purpose: 'attempt', attempt: 'other.1' },
    });
    for (const sandboxId of [sandbox.id, 'sbx-none']) {
      const run = resumeTask({ backend, sandboxId, terms, store, timeoutMs });
      expect(await run.result).toMatchObject({ status: 'failed', reason: 'sandbox_failed' });
    }
  });
});
