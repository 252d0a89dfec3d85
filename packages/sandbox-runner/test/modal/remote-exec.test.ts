import { Secret, type ExecRequest } from '@agentswarm/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SandboxError } from '../../src/errors.ts';
import { execRemote, type RemoteExecOptions } from '../../src/modal/exec/remote-exec.ts';
import type { ShimProcess } from '../../src/modal/shim/shim-process.ts';
import { describeWithPython, shimOf, startFakeModal, type FakeModal } from './fake-modal.ts';

type Request = Omit<ExecRequest, 'stdin'> & Pick<RemoteExecOptions, 'stdin' | 'limits'>;

const sh = (script: string): [string, ...string[]] => ['sh', '-c', script];

describeWithPython('a command in a remote sandbox', () => {
  let modal: FakeModal;
  let shim: ShimProcess;
  let sandboxId: string;
  const problems: unknown[] = [];
  beforeAll(async () => {
    modal = await startFakeModal();
    shim = await shimOf(modal);
    sandboxId = await create();
  });
  afterAll(async () => {
    await shim.close('terminate');
    await modal[Symbol.asyncDispose]();
  });

  const create = async () => {
    const spec = { timeoutMs: 600_000, network: { kind: 'none' }, tags: { run: 'run-exec' } } as const;
    return (await shim.connection.call('sandbox.create', spec)).sandboxId;
  };
  const start = (request: Request, connection = shim.connection) =>
    execRemote({
      connection,
      sandboxId,
      cwd: '/tmp',
      env: {},
      onProblem: (error) => problems.push(error),
      ...request,
    });

  it('gives output, exit code and environment', async () => {
    const script = 'echo "$NAME in $PWD"; echo err >&2; exit 7';
    const exec = start({ command: sh(script), env: { NAME: 'value' } });
    expect(await exec.result).toMatchObject({
      reason: 'exited',
      exitCode: 7,
      stdout: 'value in /tmp\n',
      stderr: 'err\n',
    });
  });

  it('shows a command the environment it was given, and keeps its bounds', async () => {
    const env = { AGENTSWARM_EXEC: 'exec-env', 'odd.name': 'a\nb', BIG: 'x'.repeat(100_000) };
    const { stdout } = await start({ command: ['env', '-0'], env }).result;
    const seen = new Map(stdout.split('\0').map((entry) => entry.split('=', 2) as [string, string]));
    for (const [name, value] of Object.entries(env)) expect(seen.get(name)).toBe(value);
    expect([...seen.keys()].filter((name) => /MODAL|IMAGE|NODE|HOME/.test(name))).toEqual([]);
    const limits = { fileMb: 2, cpuSeconds: 3 };
    const bounds = await start({ command: sh('ulimit -f; ulimit -t; ulimit -c'), limits }).result;
    expect(bounds.stdout).toBe('4096\n8\n0\n');
  });

  it('ends what a command leaves running', async () => {
    const ticker = "setsid sh -c 'while :; do echo >>ticks; sleep 0.02; done' >/dev/null 2>&1 </dev/null &";
    const stopped = 'a=$(wc -l <ticks); sleep 0.4; b=$(wc -l <ticks); [ "$a" = "$b" ]';
    const env = { AGENTSWARM_EXEC: 'exec-left' };
    const left = await start({ command: sh(`${ticker} while [ ! -s ticks ]; do sleep 0.02; done`), env })
      .result;
    expect(left.exitCode).toBe(0);
    expect((await start({ command: sh(stopped) }).result).exitCode).toBe(0);
    const late = await start({ command: sh(`${ticker} sleep 600`), env, timeoutMs: 300 }).result;
    expect(late.reason).toBe('timed_out');
    expect((await start({ command: sh(stopped) }).result).exitCode).toBe(0);
  });

  it('tells how else a command ends, or that it never starts', async () => {
    const killed = await start({ command: sh('kill -9 $$') }).result;
    expect(killed).toMatchObject({ reason: 'signalled', signalName: 'SIGKILL' });
    const missing = await start({ command: ['no-such-program-anywhere'] }).result;
    expect(missing.reason).toBe('not_started');
    expect(missing.stderr).toContain('no-such-program-anywhere');
    const tooLong = await start({ command: ['true', 'x'.repeat(3_000_000)] }).result;
    expect(tooLong).toMatchObject({ reason: 'not_started', stderr: 'command line is too long' });
    const never = await start({ command: ['true'], signal: AbortSignal.abort() }).result;
    expect(never.reason).toBe('aborted');
  });

  it('ends a command at its time limit, by force where it must', async () => {
    const script = "trap '' TERM INT HUP; while :; do sleep 0.1; done";
    expect((await start({ command: sh(script), timeoutMs: 200 }).result).reason).toBe('timed_out');
    const long = await start({ command: sh('sleep 0.3; echo done'), timeoutMs: 1e12 }).result;
    expect(long).toMatchObject({ reason: 'exited', stdout: 'done\n' });
  });

  it('lets a command clean up when it is asked to end', async () => {
    const abort = new AbortController();
    const script = "trap 'echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    const exec = start({ command: sh(script), signal: abort.signal });
    for await (const line of exec.lines) if (line === 'ready') abort.abort();
    expect(await exec.result).toMatchObject({ reason: 'aborted', stdout: 'ready\ncleaned\n' });
  });

  it('gives all of a big output to a slow reader, and its head and tail to who reads nothing', async () => {
    const slow = start({ command: sh('seq 1 400000'), maxOutputBytes: 100 });
    let count = 0;
    for await (const line of slow.lines) {
      count += 1;
      if (Number(line) !== count) expect(line).toBe(String(count));
      if (count % 10_000 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(count).toBe(400_000);
    const script = 'echo BEGIN; head -c 5000000 /dev/zero | tr "\\0" "x"; echo; echo END';
    const unread = await start({ command: sh(script), maxOutputBytes: 1_000 }).result;
    expect(unread.stdout.startsWith('BEGIN\nxxx')).toBe(true);
    expect(unread.stdout.endsWith('xxx\nEND\n')).toBe(true);
  });

  it('takes standard input as it comes', async () => {
    const asked = Promise.withResolvers<void>();
    const input = async function* () {
      yield Buffer.from('first\n');
      await asked.promise;
      yield Buffer.from('second\n');
    };
    const exec = start({ command: sh('while read -r line; do echo "got $line"; done'), stdin: input() });
    const answers: string[] = [];
    for await (const line of exec.lines) {
      answers.push(line);
      asked.resolve();
    }
    expect(answers).toEqual(['got first', 'got second']);
    const secret = new Secret('canary-5512-secret');
    const script = 'wc -c; cat /proc/*/cmdline 2>/dev/null | tr "\\0" " "';
    const { stdout } = await start({ command: sh(script), stdin: secret.reveal() }).result;
    expect(stdout.startsWith('18\n')).toBe(true);
    expect(stdout).not.toContain(secret.reveal());
  });

  it('lets go of input that a command does not read, and ends one whose input breaks off', async () => {
    const over = Promise.withResolvers<void>();
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(64 * 1024, 'x');
      } finally {
        over.resolve();
      }
    }
    const first = await start({ command: ['head', '-c', '3'], stdin: endless() }).result;
    expect(first).toMatchObject({ reason: 'exited', exitCode: 0, stdout: 'xxx' });
    await over.promise;
    const broke = new SandboxError('SANDBOX_STREAM_LOST', 'the source of the input broke');
    async function* broken() {
      yield Buffer.from('first\n');
      throw broke;
    }
    const second = await start({ command: sh('cat; sleep 60'), stdin: broken() }).result;
    expect(second.reason).toBe('aborted');
    expect(problems).toContain(broke);
  });

  it('is aborted with its sandbox, and lost with the shim', async () => {
    const doomed = await create();
    const exec = execRemote({
      connection: shim.connection,
      sandboxId: doomed,
      command: sh('echo ready; sleep 600'),
      cwd: '/',
      env: {},
      onProblem: (error) => problems.push(error),
    });
    for await (const line of exec.lines) {
      if (line === 'ready') await shim.connection.call('sandbox.terminate', { sandboxId: doomed });
    }
    expect(await exec.result).toMatchObject({ reason: 'aborted', stdout: 'ready\n' });

    await using other = await shimOf(modal);
    await other.connection.call('sandbox.attach', { sandboxId });
    const left = start({ command: sh('echo ready; sleep 600') }, other.connection);
    for await (const line of left.lines) if (line === 'ready') await other[Symbol.asyncDispose]();
    expect(await left.result).toMatchObject({ reason: 'lost', stdout: 'ready\n' });
    const later = await start({ command: ['true'] }, other.connection).result;
    expect(later.reason).toBe('lost');
  });
});
