import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ResolvedLimits } from '../../src/limits/default-limits.ts';
import { guardLabel } from '../../src/modal/guard/guard-terms.ts';
import { findLabelledProcesses, processLabels, sandboxLabel } from '../../src/process/process-table.ts';
import { guardHere, runHere, type TestGuard } from './guard-setup.ts';

const MB = 1024 * 1024;
const sh = (script: string): [string, ...string[]] => ['/bin/sh', '-c', script];
const node = (program: string): [string, ...string[]] => [process.execPath, '-e', program];
const PATH = '/usr/bin:/bin';

/** A command of the guard's sandbox, in the folder that is measured. */
function exec(guard: TestGuard, command: readonly [string, ...string[]]) {
  const env = { PATH, ...processLabels(guard.sandboxId, 'exec-1') };
  return runHere({ command, env, cwd: guard.workspace, maxOutputBytes: 10_000 });
}

const bombs: readonly {
  readonly title: string;
  readonly limit: string;
  readonly limits: Partial<ResolvedLimits>;
  readonly command: [string, ...string[]];
}[] = [
  {
    title: 'many processes that wait',
    limit: 'processes',
    limits: { processes: 30 },
    command: sh('i=0; while [ $i -lt 90 ]; do sleep 25 & i=$((i+1)); done; wait'),
  },
  {
    title: 'processes that leave their session and their environment behind',
    limit: 'processes',
    limits: { processes: 30 },
    command: sh('sleep 0.5; i=0; while [ $i -lt 90 ]; do setsid env -i sleep 25 & i=$((i+1)); done; wait'),
  },
  {
    title: 'one process that takes memory',
    limit: 'memory',
    limits: { memoryMb: 160 },
    command: node('const a=[];for(let i=0;i<400;i++)a.push(Buffer.alloc(1e6,1));setTimeout(()=>{},25e3)'),
  },
  {
    title: 'big files',
    limit: 'disk',
    limits: { diskMb: 30 },
    command: sh('for i in 1 2 3 4; do head -c 12000000 /dev/zero >b$i; done; sleep 25'),
  },
  {
    title: 'short processes that each compute a little',
    limit: 'cpu_time',
    limits: { cpuSeconds: 1 },
    command: sh('end=$(($(date +%s)+25)); while [ $(date +%s) -lt $end ]; do /bin/true; done'),
  },
];

describe.skipIf(process.platform !== 'linux')('a guard that watches limits', () => {
  it.each(bombs)('ends $title', async ({ command, limit, limits }) => {
    await using guard = guardHere({ limits });
    await guard.ready;
    const quiet = exec(guard, sh('sleep 25'));
    const bomb = exec(guard, command);
    expect(await bomb.result).toMatchObject({ reason: 'signalled', signalName: 'SIGKILL' });
    expect(await quiet.result).toMatchObject({ reason: 'signalled', signalName: 'SIGKILL' });
    expect(guard.limitsReached).toEqual([limit]);
    await guard.calm();
    expect(await findLabelledProcesses(sandboxLabel(guard.sandboxId))).toEqual([]);
    expect(await findLabelledProcesses(guardLabel(guard.sandboxId))).toHaveLength(1);
    expect(guard.complaints).toEqual([]);
  });

  it('kills nobody else, and goes on', async () => {
    await using other = guardHere();
    await using guard = guardHere({ limits: { processes: 20 } });
    await Promise.all([guard.ready, other.ready]);
    const bystander = spawn('/bin/sleep', ['60'], { env: {} });
    const neighbour = exec(other, sh('read -r line; echo "$line"'));
    const [bomb] = bombs;
    for (const round of [1, 2]) {
      expect(await exec(guard, bomb?.command ?? ['false']).result).toMatchObject({ reason: 'signalled' });
      expect(guard.limitsReached).toHaveLength(round);
      await guard.calm();
    }
    expect(await exec(guard, sh('echo fits')).result).toMatchObject({ reason: 'exited', stdout: 'fits\n' });
    expect(bystander.kill('SIGTERM')).toBe(true);
    expect(await once(bystander, 'exit')).toEqual([null, 'SIGTERM']);
    expect(await neighbour.result).toMatchObject({ reason: 'exited' });
    expect(other.limitsReached).toEqual([]);
  });

  it('lets a later command run that writes no more', async () => {
    await using guard = guardHere({ limits: { diskMb: 20 } });
    await guard.ready;
    const fill = sh('for i in 1 2 3; do head -c 12000000 /dev/zero >b$i; done; sleep 25');
    expect(await exec(guard, fill).result).toMatchObject({ reason: 'signalled' });
    await guard.calm();
    const reading = await exec(guard, sh('sleep 4; ls | wc -l')).result;
    expect(reading).toMatchObject({ reason: 'exited', stdout: `${readdirSync(guard.workspace).length}\n` });
    expect(guard.limitsReached).toEqual(['disk']);
    expect(await exec(guard, sh('rm b*; sleep 1')).result).toMatchObject({ reason: 'exited' });
    expect(await exec(guard, fill).result).toMatchObject({ reason: 'signalled' });
    expect(guard.limitsReached).toEqual(['disk', 'disk']);
  });

  it('kills only once it was heard why', async () => {
    const ended: string[] = [];
    const exits: unknown[] = [];
    const onLimit = () => ended.push(exits.length === 0 ? 'first' : 'late');
    await using guard = guardHere({ limits: { memoryMb: 100 }, onLimit });
    await guard.ready;
    const bomb = exec(guard, node(`const b = Buffer.alloc(${200 * MB}, 1); setTimeout(() => b, 25e3)`));
    exits.push(await bomb.result);
    expect(ended).toEqual(['first']);
  });
});
