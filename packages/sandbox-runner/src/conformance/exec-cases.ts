import { Secret, type ExecRequest, type Sandbox } from '@agentswarm/core';
import { expect } from 'vitest';
import type { SuiteCase } from './suite-case.ts';

const sh = (script: string): [string, ...string[]] => ['sh', '-c', script];

/** Starts a process that detaches itself and appends to `ticks` for as long as it lives. */
const DETACHED_TICKER =
  "setsid sh -c 'while :; do echo tick >>ticks; sleep 0.02; done' >/dev/null 2>&1 </dev/null &";

/** Whether `ticks` stays as it is over several periods of the ticker. */
async function hasStoppedTicking(sandbox: Sandbox): Promise<boolean> {
  const script = 'a=$(wc -l <ticks); sleep 0.4; b=$(wc -l <ticks); [ "$a" = "$b" ]';
  return (await sandbox.exec({ command: sh(script) }).result).exitCode === 0;
}

export const execCases: readonly SuiteCase[] = [
  {
    title: 'gives output and exit code of a command',
    run: async ({ open }) => {
      const sandbox = await open();
      const result = await sandbox.exec({ command: sh('echo out; echo err >&2; exit 7') }).result;
      expect(result).toMatchObject({ reason: 'exited', exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
    },
  },
  {
    title: 'gives the signal that ended a command',
    run: async ({ open }) => {
      const sandbox = await open();
      const result = await sandbox.exec({ command: sh('kill -9 $$') }).result;
      expect(result).toMatchObject({ reason: 'signalled', signalName: 'SIGKILL' });
    },
  },
  {
    title: 'says that a program could not be started',
    run: async ({ open }) => {
      const sandbox = await open();
      const result = await sandbox.exec({ command: ['no-such-program-anywhere'] }).result;
      expect(result.reason).toBe('not_started');
      expect(result.stderr).not.toBe('');
      const tooLong = await sandbox.exec({ command: ['true', 'x'.repeat(3_000_000)] }).result;
      expect(tooLong.reason).toBe('not_started');
      expect(tooLong.stderr).not.toBe('');
    },
  },
  {
    title: 'refuses what no command line or environment can hold',
    run: async ({ open }) => {
      const sandbox = await open();
      const smuggled = 'x\0--setenv\0SMUGGLED\0yes';
      const script = 'echo "$SMUGGLED"';
      const invalid = { code: 'SANDBOX_SPEC_INVALID' };
      const start = (request: Partial<ExecRequest>) => () =>
        sandbox.exec({ command: sh(script), ...request });
      expect(start({ env: { NAME: smuggled } })).toThrow(expect.objectContaining(invalid));
      expect(start({ env: { [smuggled]: 'value' } })).toThrow(expect.objectContaining(invalid));
      expect(start({ cwd: `${sandbox.paths.workdir}\0${smuggled}` })).toThrow(
        expect.objectContaining(invalid),
      );
      expect(start({ command: ['echo', smuggled] })).toThrow(expect.objectContaining(invalid));
    },
  },
  {
    title: 'passes arguments unchanged, without a shell',
    run: async ({ open }) => {
      const sandbox = await open();
      const args = ['$HOME', 'a b', "it's", '', '*', '--', 'ä\n'];
      const result = await sandbox.exec({ command: ['printf', '%s|', ...args] }).result;
      expect(result.stdout).toBe(args.map((argument) => `${argument}|`).join(''));
    },
  },
  {
    title: 'ends a command and its detached children at the time limit',
    run: async ({ open }) => {
      const sandbox = await open();
      const script = `${DETACHED_TICKER} sleep 600`;
      const result = await sandbox.exec({ command: sh(script), timeoutMs: 300 }).result;
      expect(result.reason).toBe('timed_out');
      expect(await hasStoppedTicking(sandbox)).toBe(true);
    },
  },
  {
    title: 'waits for a time limit that is longer than a timer',
    run: async ({ open }) => {
      const sandbox = await open();
      const result = await sandbox.exec({ command: sh('sleep 0.3; echo done'), timeoutMs: 1e12 }).result;
      expect(result).toMatchObject({ reason: 'exited', stdout: 'done\n' });
    },
  },
  {
    title: 'ends a command that ignores the request to end',
    run: async ({ open }) => {
      const sandbox = await open();
      const script = "trap '' TERM INT HUP; while :; do sleep 0.1; done";
      const result = await sandbox.exec({ command: sh(script), timeoutMs: 200 }).result;
      expect(result.reason).toBe('timed_out');
    },
  },
  {
    title: 'lets a command clean up when it is asked to end',
    run: async ({ open }) => {
      const sandbox = await open();
      const abort = new AbortController();
      const script = "trap 'echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
      const exec = sandbox.exec({ command: sh(script), signal: abort.signal });
      for await (const line of exec.lines) if (line === 'ready') abort.abort();
      const result = await exec.result;
      expect(result).toMatchObject({ reason: 'aborted', stdout: 'ready\ncleaned\n' });
    },
  },
  {
    title: 'ends a command and its detached children on abort',
    run: async ({ open }) => {
      const sandbox = await open();
      const abort = new AbortController();
      const exec = sandbox.exec({
        command: sh(`${DETACHED_TICKER} echo ready; sleep 600`),
        signal: abort.signal,
      });
      for await (const line of exec.lines) if (line === 'ready') abort.abort();
      expect((await exec.result).reason).toBe('aborted');
      expect(await hasStoppedTicking(sandbox)).toBe(true);
    },
  },
  {
    title: 'does not start a command for a signal that has aborted already',
    run: async ({ open }) => {
      const sandbox = await open();
      const exec = sandbox.exec({ command: sh('sleep 600'), signal: AbortSignal.abort() });
      expect((await exec.result).reason).toBe('aborted');
    },
  },
  {
    title: 'ends detached children with the command that started them',
    run: async ({ open }) => {
      const sandbox = await open();
      const script = `${DETACHED_TICKER} while [ ! -s ticks ]; do sleep 0.02; done`;
      const result = await sandbox.exec({ command: sh(script) }).result;
      expect(result.exitCode).toBe(0);
      expect(await hasStoppedTicking(sandbox)).toBe(true);
    },
  },
  {
    title: 'gives lines while the command still runs',
    run: async ({ open }) => {
      const sandbox = await open();
      const script = 'echo first; while [ ! -e go ]; do sleep 0.02; done; printf "last, no line end"';
      const exec = sandbox.exec({ command: sh(script), timeoutMs: 20_000 });
      const lines: string[] = [];
      for await (const line of exec.lines) {
        lines.push(line);
        if (line === 'first') await sandbox.writeFile(`${sandbox.paths.workdir}/go`, '');
      }
      expect(lines).toEqual(['first', 'last, no line end']);
      expect((await exec.result).reason).toBe('exited');
    },
  },
  {
    title: 'keeps head and tail of long output, and is not held up when nobody reads its lines',
    run: async ({ open }) => {
      const sandbox = await open();
      const script = 'echo BEGIN; head -c 5000000 /dev/zero | tr "\\0" "x"; echo; echo END';
      const result = await sandbox.exec({ command: sh(script), maxOutputBytes: 1_000 }).result;
      expect(result.reason).toBe('exited');
      expect(result.stdout.startsWith('BEGIN\nxxx')).toBe(true);
      expect(result.stdout.endsWith('xxx\nEND\n')).toBe(true);
      expect(result.stdout.length).toBeLessThan(1_200);
    },
  },
  {
    title: 'gives every line to a slow reader',
    run: async ({ open }) => {
      const sandbox = await open();
      const exec = sandbox.exec({ command: sh('seq 1 400000'), maxOutputBytes: 100 });
      let count = 0;
      for await (const line of exec.lines) {
        count += 1;
        if (Number(line) !== count) expect(line).toBe(String(count));
        if (count % 10_000 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(count).toBe(400_000);
      expect((await exec.result).exitCode).toBe(0);
    },
  },
  {
    title: 'passes a secret by standard input and shows it in no argument or environment',
    run: async ({ open }) => {
      const sandbox = await open();
      const secret = 'canary-7391-secret';
      const script =
        'read -r s; printf "%s" "$s" | wc -c; env; cat /proc/*/cmdline 2>/dev/null | tr "\\0" " "';
      const result = await sandbox.exec({ command: sh(script), stdin: new Secret(`${secret}\n`) }).result;
      expect(result.stdout).toContain(`${secret.length}\n`);
      expect(result.stdout).not.toContain(secret);
    },
  },
  {
    title: 'gives exactly the environment asked for, and folders of its own',
    run: async ({ open }) => {
      const sandbox = await open({ env: { FROM_SPEC: '1', BOTH: 'spec' } });
      const result = await sandbox.exec({ command: ['env'], env: { BOTH: 'request' } }).result;
      const home = /^HOME=(.*)$/m.exec(result.stdout)?.[1] ?? '';
      const names = result.stdout
        .split('\n')
        // What says where programs keep things is the backend's, and theirs alone.
        .filter((line) => line !== '' && !line.includes(`=${home}`) && !line.startsWith('RUSTUP_HOME='))
        .map((line) => line.split('=', 1)[0] ?? '');
      const allowed = /^(?:FROM_SPEC|BOTH|PWD|PORT|PATH|TMPDIR|AGENTSWARM_\w+)$/;
      expect(names.filter((name) => !allowed.test(name))).toEqual([]);
      expect(result.stdout).toContain('FROM_SPEC=1\n');
      expect(result.stdout).toContain('BOTH=request\n');
      const writable = sh('touch "$HOME/a" "$TMPDIR/a" ./a && node -p 6*7');
      expect((await sandbox.exec({ command: writable }).result).stdout).toBe('42\n');
    },
  },
];
