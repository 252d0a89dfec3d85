import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecResult, SandboxBackend, SandboxLimits } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStartVariable } from '../src/limits/read-proc.ts';
import { readProcesses } from '../src/limits/read-processes.ts';
import { findLabelledProcesses, sandboxLabel } from '../src/process/process-table.ts';
import { cannotIsolate, ISOLATIONS, localBackend, temporaryFolder } from './local-machine.ts';

/** Small enough that nothing here could harm the machine if no limit held. */
const LIMITS: SandboxLimits = { processes: 40, memoryMb: 160, diskMb: 48, fileMb: 16 };
const TIMEOUT_MS = 30_000;

const node = (program: string): [string, ...string[]] => ['node', '-e', program];
const sh = (script: string): [string, ...string[]] => ['sh', '-c', script];

interface Bomb {
  readonly title: string;
  readonly limit: string;
  readonly command: [string, ...string[]];
  readonly limits?: SandboxLimits;
  /** Why it cannot be ended without isolation. */
  readonly onlyInside?: string;
}

const bombs: readonly Bomb[] = [
  {
    title: 'many processes that wait',
    limit: 'processes',
    command: sh('i=0; while [ $i -lt 90 ]; do sleep 25 & i=$((i+1)); done; wait'),
  },
  {
    title: 'processes that leave their session, their parent and their environment behind',
    limit: 'processes',
    command: sh('i=0; while [ $i -lt 90 ]; do (setsid env -i sleep 25 &) ; i=$((i+1)); done; sleep 25'),
    onlyInside: 'who hides faster than anybody looks is found only in a namespace',
  },
  {
    title: 'one process that takes memory',
    limit: 'memory',
    command: node('const a=[];for(let i=0;i<400;i++)a.push(Buffer.alloc(1e6,1));setTimeout(()=>{},25e3)'),
  },
  {
    title: 'many processes that take a little memory each',
    limit: 'memory',
    limits: { memoryMb: 300 },
    command: sh(
      `i=0; while [ $i -lt 8 ]; do node -e 'const b=Buffer.alloc(6e7,1);setTimeout(()=>b,25e3)' & i=$((i+1)); done; wait`,
    ),
  },
  {
    title: 'many small files',
    limit: 'disk',
    limits: { diskMb: 12 },
    command: sh('mkdir f; i=0; while [ $i -lt 15000 ]; do : >f/$i; i=$((i+1)); done; sleep 25'),
  },
  {
    title: 'big files that have no name any more',
    limit: 'disk',
    command: node(`
      const fs = require('node:fs');
      for (let i = 0; i < 9; i++) {
        const file = fs.openSync('x', 'w'); fs.unlinkSync('x'); fs.writeSync(file, Buffer.alloc(12e6, 1));
      }
      setTimeout(() => {}, 25e3)`),
  },
  {
    title: 'short processes that each compute a little',
    limit: 'cpu_time',
    limits: { cpuSeconds: 1 },
    command: sh('end=$(($(date +%s)+25)); while [ $(date +%s) -lt $end ]; do /bin/true; done'),
  },
  {
    title: 'one process that computes',
    limit: 'cpu_time',
    limits: { cpuSeconds: 1 },
    command: node('const end=Date.now()+25e3;while(Date.now()<end);'),
  },
];

const shown = ({ reason, limit, stderr }: ExecResult) => ({ reason, limit, stderr });

describe.skipIf(process.platform !== 'linux').each(ISOLATIONS)('limits with isolation %s', (isolation) => {
  let backend: SandboxBackend;
  beforeAll(() => {
    backend = localBackend(isolation);
  });
  afterAll(() => backend[Symbol.asyncDispose]());
  const open = (limits: SandboxLimits = {}) =>
    backend.create({ labels: { run: 'run-limits', purpose: 'command' }, limits: { ...LIMITS, ...limits } });

  it.for(bombs)('end $title', async ({ command, limit, limits, onlyInside }, context) => {
    if (onlyInside !== undefined && isolation === 'none') context.skip(onlyInside);
    await using sandbox = await open(limits);
    await sandbox.writeFile(`${sandbox.paths.control}/handoff`, 'still here');
    const other = sandbox.exec({ command: ['sleep', '25'] });
    const bomb = sandbox.exec({ command, timeoutMs: TIMEOUT_MS });
    expect(shown(await bomb.result)).toMatchObject({ reason: 'over_limit', limit });
    expect(await other.result).toMatchObject({ reason: 'over_limit', limit });
    expect(await findLabelledProcesses(sandboxLabel(sandbox.id))).toEqual([]);
    const kept = await sandbox.readFile(`${sandbox.paths.control}/handoff`);
    expect(new TextDecoder().decode(kept)).toBe('still here');
  });

  it('count once for all handles of a process', async () => {
    await using sandbox = await open();
    await using guest = await backend.attach(sandbox.id);
    const many = sh('i=0; while [ $i -lt 25 ]; do sleep 25 & i=$((i+1)); done; wait');
    const runs = [sandbox, guest].map((handle) => handle.exec({ command: many, timeoutMs: 10_000 }).result);
    const reached = { reason: 'over_limit', limit: 'processes' };
    expect(await Promise.all(runs)).toMatchObject([reached, reached]);
  });

  it('let a later command run when it fits', async () => {
    await using sandbox = await open();
    const filling = 'for i in 1 2 3 4 5 6; do head -c 12000000 /dev/zero >b$i; done; sleep 25';
    expect(await sandbox.exec({ command: sh(filling), timeoutMs: TIMEOUT_MS }).result).toMatchObject({
      limit: 'disk',
    });
    const removing = await sandbox.exec({ command: sh('sleep 2; rm b* && echo removed') }).result;
    expect(shown(removing)).toMatchObject({ reason: 'exited' });
    expect(await sandbox.exec({ command: sh(filling), timeoutMs: TIMEOUT_MS }).result).toMatchObject({
      limit: 'disk',
    });
  });

  it('refuse to make one file bigger, and let the command go on', async () => {
    await using sandbox = await open();
    const script = 'head -c 20000000 /dev/zero >big; echo "$?"; wc -c <big; rm big; echo on';
    const result = await sandbox.exec({ command: sh(script) }).result;
    expect(result).toMatchObject({ reason: 'exited', stdout: `1\n${16 * 1024 * 1024}\non\n` });
  });

  it('do not count twice what processes share', async () => {
    await using sandbox = await open({ memoryMb: 400 });
    const program = `
      const { fork } = require('node:child_process');
      if (process.argv[2] === 'child') setTimeout(() => {}, 1500);
      else for (let i = 0; i < 8; i++) fork(__filename, ['child']);`;
    await sandbox.writeFile(`${sandbox.paths.workdir}/share.cjs`, program);
    const result = await sandbox.exec({ command: ['node', 'share.cjs'], timeoutMs: TIMEOUT_MS }).result;
    expect(shown(result)).toMatchObject({ reason: 'exited', stderr: '' });
  });

  it('find with a command that ends what hid while it ran', async () => {
    await using sandbox = await open();
    const script = `setsid env -i sh -c 'echo hidden >>"$0"; while :; do echo tick >>"$0"; sleep 0.1; done' "$PWD/ticks" &
      while [ "$(wc -l <ticks 2>/dev/null || echo 0)" -lt 20 ]; do sleep 0.1; done`;
    await sandbox.exec({ command: sh(script), timeoutMs: TIMEOUT_MS }).result;
    const counting = 'wc -l <ticks; sleep 1; wc -l <ticks';
    const [before, after] = (await sandbox.exec({ command: sh(counting) }).result).stdout.split('\n');
    expect(Number(before)).toBeGreaterThanOrEqual(20);
    expect(after).toBe(before);
  });

  it('let npm do its work', async () => {
    await using sandbox = await open({ memoryMb: 400 });
    const script = 'npm init -y >/dev/null && npm pkg set scripts.x="node -p 6*7" && npm run -s x';
    const result = await sandbox.exec({ command: sh(script), timeoutMs: TIMEOUT_MS }).result;
    expect(shown(result)).toMatchObject({ reason: 'exited' });
    expect(result.stdout).toBe('42\n');
  });

  it('leave what one sandbox does to it alone', async () => {
    await using one = await open();
    await using two = await open();
    const quiet = two.exec({ command: sh('sleep 2; echo done') });
    const [first] = bombs;
    if (first === undefined) return;
    expect(await one.exec({ command: first.command }).result).toMatchObject({ reason: 'over_limit' });
    expect(await quiet.result).toMatchObject({ reason: 'exited', stdout: 'done\n' });
  });

  it('are the backend’s where a spec names none', async () => {
    await using strict = localBackend(isolation, { limits: { processes: 10 } });
    await using sandbox = await strict.create({ labels: { run: 'run-limits', purpose: 'command' } });
    const [first] = bombs;
    if (first === undefined) return;
    expect(await sandbox.exec({ command: first.command }).result).toMatchObject({ limit: 'processes' });
  });

  it('have a command run on the cores it may use, after others, and first to go when memory runs out', async () => {
    await using sandbox = await open({ cpuCores: 1 });
    const script = 'grep Cpus_allowed_list /proc/self/status; nice; cat /proc/self/oom_score_adj';
    const { stdout } = await sandbox.exec({ command: sh(script) }).result;
    expect(stdout).toMatch(/^Cpus_allowed_list:\t\d+\n5\n1000\n$/);
  });

  it('refuse a limit that is none', async () => {
    await expect(open({ diskMb: -1 })).rejects.toMatchObject({ code: 'SANDBOX_SETUP_FAILED' });
  });
});

describe.skipIf(cannotIsolate !== undefined)('an isolated sandbox', () => {
  it('has no writable folder in memory', async () => {
    await using backend = localBackend('auto');
    await using sandbox = await backend.create({ labels: { run: 'run-limits', purpose: 'command' } });
    const script = `
      for t in $(awk '$3 == "tmpfs" { print $2 }' /proc/mounts); do touch "$t/x" 2>/dev/null && echo "$t"; done
      for d in / /dev /tmp /dev/shm; do touch "$d/x" 2>/dev/null && echo "writable $d"; done`;
    const { stdout } = await sandbox.exec({ command: sh(script) }).result;
    expect(stdout).toBe('writable /tmp\nwritable /dev/shm\n');
  });

  it('has its tasks bounded by the kernel too', async (context) => {
    if (process.getuid?.() === 0) context.skip('the kernel does not count the tasks of root');
    await using backend = localBackend('auto', { limits: { processes: 20 } });
    await using sandbox = await backend.create({ labels: { run: 'run-limits', purpose: 'command' } });
    const { stdout } = await sandbox.exec({ command: ['grep', 'Max processes', '/proc/self/limits'] }).result;
    expect(stdout).toMatch(/^Max processes +320 +320 /);
  });

  it('ends files in memory that nobody maps', async (context) => {
    await using backend = localBackend('auto');
    await using sandbox = await backend.create({
      labels: { run: 'run-limits', purpose: 'command' },
      limits: LIMITS,
    });
    const python = await sandbox.exec({ command: ['python3', '-c', ''] }).result;
    if (python.exitCode !== 0) return context.skip('python3 is not there to make such a file');
    const program = `
import os, time
for n in range(40):
    f = os.memfd_create('x')
    os.write(f, b'x' * 8000000)
time.sleep(25)`;
    const bomb = sandbox.exec({ command: ['python3', '-c', program], timeoutMs: TIMEOUT_MS });
    expect(await bomb.result).toMatchObject({ reason: 'over_limit', limit: 'memory' });
  });

  it('keeps /tmp from one command to the next, and makes nothing where a link in it leads', async () => {
    const visible = temporaryFolder('visible');
    const outside = temporaryFolder('outside');
    await using backend = localBackend('auto', {
      runtime: { readOnlyPaths: [visible], nodePath: process.execPath },
    });
    await using sandbox = await backend.create({ labels: { run: 'run-limits', purpose: 'command' } });
    const [, , first = ''] = join(visible, 'x').split('/');
    const replace = `echo kept >/tmp/file; mv /tmp/${first} /tmp/away; ln -s ${outside} /tmp/${first}; rm -rf /tmp/${first}; ls -d /tmp/${first}`;
    expect((await sandbox.exec({ command: sh(replace) }).result).stdout).toBe(`/tmp/${first}\n`);
    const again = await sandbox.exec({ command: sh(`cat /tmp/file; ls -d ${visible}`) }).result;
    expect(again.stdout).toBe(`kept\n${visible}\n`);
    expect(readdirSync(outside)).toEqual([]);
  });
});

it.skipIf(process.platform !== 'linux')(
  'the table of processes has this process, and what started it',
  async () => {
    const table = await readProcesses();
    expect(table.get(process.pid)).toMatchObject({ pid: process.pid, parent: process.ppid, hasEnded: false });
    expect(readStartVariable(process.pid, 'PATH')).toBeTruthy();
    expect(readStartVariable(2 ** 22 + 1, 'PATH')).toBeUndefined();
  },
);
