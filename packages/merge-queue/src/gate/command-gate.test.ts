import { describe, expect, it } from 'vitest';
import {
  CommitShaSchema,
  type ExecRequest,
  type ExecResult,
  type Sandbox,
  type SandboxBackend,
  type SandboxSpec,
} from '@agentswarm/core';
import { idleSandbox, silentExec } from '../../test/idle-sandbox.ts';
import { commands, type CommandGateOptions } from './command-gate.ts';
import { verdictOf } from './command-verdict.ts';
import { outputTail } from './output-tail.ts';

const commit = CommitShaSchema.parse('a'.repeat(40));
const exited = (exitCode: number, stdout = ''): ExecResult => ({
  reason: 'exited',
  exitCode,
  stdout,
  stderr: '',
  durationMs: 1,
});

const killed = (signalName: string): ExecResult => ({ ...exited(0), reason: 'signalled', signalName });

/** A backend that answers commands from a table and writes down what it is asked. */
function scriptedBackend(answers: Readonly<Record<string, ExecResult>>) {
  const log: string[] = [];
  const specs: SandboxSpec[] = [];
  const requests: ExecRequest[] = [];
  const backend: SandboxBackend = {
    description: 'scripted',
    create: (spec) => {
      specs.push(spec);
      return Promise.resolve(sandbox(spec));
    },
    attach: () => Promise.reject(new TypeError('a gate attaches to nothing')),
    list: () => Promise.resolve([]),
    reap: () => Promise.resolve(0),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const sandbox = ({ labels }: SandboxSpec): Sandbox => ({
    ...idleSandbox(labels),
    exec: (request) => {
      requests.push(request);
      const script = request.command[2] ?? '';
      log.push(script);
      return silentExec(answers[script] ?? exited(0));
    },
    [Symbol.asyncDispose]: () => {
      log.push('disposed');
      return Promise.resolve();
    },
  });
  return { backend, log, specs, requests };
}

const request = (signal = new AbortController().signal) => ({
  repository: '/store.git',
  commit,
  tree: commit,
  tickets: ['one.1'],
  signal,
});

describe('commands', () => {
  it('runs them in order on the merged commit, in one sandbox that is removed', async () => {
    const { backend, log, specs, requests } = scriptedBackend({});
    const gate = commands(['npm test', 'npm run build'], { backend, run: 'run-1', timeoutMs: 5 });
    expect(await gate.run(request())).toEqual({ kind: 'pass' });
    expect(log).toEqual(['npm test', 'npm run build', 'disposed']);
    expect(specs).toEqual([
      {
        labels: { run: 'run-1', purpose: 'gate' },
        source: { repository: '/store.git', commit, branch: 'gate/aaaaaaaaaaaa' },
        checkout: 'overlay',
        dependencies: true,
        network: 'registries',
      },
    ]);
    expect(requests[0]).toMatchObject({ command: ['sh', '-c', 'npm test'], timeoutMs: 5 });
  });

  it('stops at the first red command', async () => {
    const { backend, log } = scriptedBackend({ lint: exited(2, 'bad style\n') });
    const gate = commands(['lint', 'test'], { backend, run: 'run-1' });
    expect(await gate.run(request())).toEqual({
      kind: 'fail',
      failure: { command: 'lint', exitCode: 2, outputTail: 'bad style' },
    });
    expect(log).toEqual(['lint', 'df -Pk . | tail -n 1', 'disposed']);
  });

  it('rejects with the reason of an abort and removes the sandbox', async () => {
    const { backend, log } = scriptedBackend({ test: { ...exited(0), reason: 'aborted' } });
    const controller = new AbortController();
    controller.abort(new RangeError('stop'));
    const gate = commands(['test'], { backend, run: 'run-1' });
    await expect(gate.run(request(controller.signal))).rejects.toThrow('stop');
    expect(log.at(-1)).toBe('disposed');
  });
});

it.each<[ExecResult, string, object]>([
  [exited(1), 'fail', { exitCode: 1 }],
  [exited(126), 'could_not_run', { exitCode: 126 }],
  [exited(127), 'could_not_run', { exitCode: 127 }],
  [exited(137), 'could_not_run', { problem: 'ended by SIGKILL' }],
  [exited(139), 'fail', { problem: 'ended by SIGSEGV' }],
  [exited(255), 'fail', { exitCode: 255 }],
  [exited(0, '1..0\n'), 'could_not_run', { exitCode: 0, problem: 'found no test to run' }],
  [{ ...exited(0), reason: 'timed_out' }, 'could_not_run', { problem: 'took longer than 7 ms' }],
  [{ ...exited(0), reason: 'aborted' }, 'could_not_run', { problem: 'was aborted' }],
  [killed('SIGKILL'), 'could_not_run', { problem: 'ended by SIGKILL' }],
  [killed('SIGABRT'), 'fail', { problem: 'ended by SIGABRT' }],
  [{ ...exited(0), reason: 'not_started' }, 'could_not_run', { problem: 'could not be started' }],
])('reads %j as %s', (result, kind, facts) => {
  const verdict = verdictOf({ command: 'test', result, timeoutMs: 7 });
  expect(verdict).toMatchObject({ kind, failure: { command: 'test', ...facts } });
});

describe('minTests', () => {
  const run = async (answers: Readonly<Record<string, ExecResult>>, minTests: number) => {
    const { backend } = scriptedBackend(answers);
    return await commands(Object.keys(answers), { backend, run: 'run-1', minTests }).run(request());
  };

  it('adds up what all commands tell', async () => {
    const answers = { lint: exited(0), one: exited(0, '# pass 3\n'), two: exited(0, '# pass 4\n') };
    expect(await run(answers, 7)).toEqual({ kind: 'pass' });
    expect(await run(answers, 8)).toMatchObject({
      kind: 'could_not_run',
      failure: { command: 'lint && one && two', problem: '7 tests passed, and the gate asks for 8' },
    });
  });

  it('is not met by commands that tell nothing', async () => {
    expect(await run({ lint: exited(0, 'fine') }, 0)).toMatchObject({
      kind: 'could_not_run',
      failure: { problem: 'nothing tells how many tests passed, and the gate asks for 0' },
    });
  });
});

describe('a full disk', () => {
  const df = (freeKib: number) =>
    exited(0, `/dev/sda 1000000 ${1_000_000 - freeKib} ${freeKib} 99% /workspace/repo\n`);
  it.each([
    [0, 'could_not_run'],
    [50_000, 'fail'],
  ])('with %i KiB left, a red command is %s', async (freeKib, kind) => {
    const { backend } = scriptedBackend({ test: exited(1), 'df -Pk . | tail -n 1': df(freeKib) });
    const verdict = await commands(['test'], { backend, run: 'run-1' }).run(request());
    expect(verdict).toMatchObject({ kind, failure: { command: 'test', exitCode: 1 } });
  });
});

describe('environment', () => {
  const { backend } = scriptedBackend({});
  const digest = (list: readonly string[], more: Partial<CommandGateOptions> = {}) =>
    commands(list, { backend, run: 'run-1', ...more }).environment;

  it('is the same for gates that judge alike', () => {
    expect(
      digest(['test'], { run: 'run-2', timeoutMs: 1, network: 'registries', env: { A: '1', B: '2' } }),
    ).toBe(digest(['test'], { env: { B: '2', A: '1' } }));
  });

  it('differs with everything that decides', () => {
    const digests = [
      digest(['test']),
      digest(['test', 'lint']),
      digest(['test lint']),
      digest(['test'], { network: 'none' }),
      digest(['test'], { minTests: 1 }),
      digest(['test'], { env: { A: '1' } }),
      digest(['test'], { backend: { ...backend, description: 'another' } }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('outputTail', () => {
  it('keeps the end of both streams', () => {
    expect(outputTail('out\n', '')).toBe('out');
    expect(outputTail('out\n', 'err\n')).toBe('out\nerr');
    const long = outputTail(`${'o'.repeat(9000)}O`, `${'e'.repeat(9000)}E`);
    expect(long).toHaveLength(4096);
    expect(long).toMatch(/^o+O\ne+E$/);
    expect(outputTail(`${'o'.repeat(9000)}O`, 'short')).toMatch(/^o{4000,}O\nshort$/);
  });
});
