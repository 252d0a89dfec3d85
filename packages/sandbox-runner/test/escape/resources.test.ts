import type { SandboxLimit, SandboxLimits } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLabelledProcesses, sandboxLabel } from '../../src/process/process-table.ts';
import { cannotIsolate, localBackend } from '../local-machine.ts';
import { node, python, type Attempt } from './attempt.ts';
import type { EscapeHost } from './attempt.ts';
import { plantHost } from './host.ts';

interface Bomb {
  readonly title: string;
  /** Harmless by itself, also when nothing stops it: bounded in number, size and time. */
  readonly script: string;
  readonly limits: SandboxLimits;
  readonly reached: SandboxLimit;
  readonly needs?: string;
}

const HOLD_S = 20;

const BOMBS: readonly Bomb[] = [
  {
    title: 'processes',
    script: `for i in $(seq 120); do sleep ${HOLD_S} & done; wait`,
    limits: { processes: 60 },
    reached: 'processes',
  },
  {
    title: 'processes that detach themselves and forget who they are',
    script: `for i in $(seq 120); do env -i /usr/bin/setsid /bin/sleep ${HOLD_S} & done; wait; /bin/sleep ${HOLD_S}`,
    limits: { processes: 60 },
    reached: 'processes',
  },
  {
    title: 'memory of one process',
    script: node(`const kept = []; for (let i = 0; i < 30; i++) kept.push(Buffer.alloc(10 * 1024 * 1024, 1));
setTimeout(() => console.log(kept.length), ${HOLD_S} * 1000);`),
    limits: { memoryMb: 150 },
    reached: 'memory',
  },
  {
    title: 'memory of several processes',
    script: `for i in 1 2 3 4 5; do node -e 'const kept = Buffer.alloc(60 * 1024 * 1024, 1); setTimeout(() => kept.length, ${HOLD_S} * 1000)' & done; wait`,
    limits: { memoryMb: 200 },
    reached: 'memory',
  },
  {
    title: 'memory without a process that shows it',
    needs: 'python3',
    script: python(`import os, time
file = os.memfd_create('bomb')
for _ in range(300):
    os.write(file, b'x' * 1048576)
time.sleep(${HOLD_S})`),
    limits: { memoryMb: 150 },
    reached: 'memory',
  },
  {
    title: 'big files',
    script: `for i in $(seq 20); do head -c 10000000 /dev/zero >big.$i; done; sleep ${HOLD_S}`,
    limits: { diskMb: 64 },
    reached: 'disk',
  },
  {
    title: 'many small files',
    script: `for i in $(seq 30); do (mkdir m$i; cd m$i; for j in $(seq 1000); do echo x >$j; done); done; sleep ${HOLD_S}`,
    limits: { diskMb: 64 },
    reached: 'disk',
  },
  {
    title: 'files in every folder that it may write',
    script: `for folder in "$HOME" "$TMPDIR" /dev/shm ../control .; do head -c 25000000 /dev/zero >"$folder/big"; done; sleep ${HOLD_S}`,
    limits: { diskMb: 64 },
    reached: 'disk',
  },
  {
    title: 'processor time',
    script: `timeout ${HOLD_S} sh -c 'while :; do :; done'`,
    limits: { cpuSeconds: 2 },
    reached: 'cpu_time',
  },
  {
    title: 'processor time of many short processes',
    script: `timeout ${HOLD_S} sh -c 'while :; do sh -c "i=0; while [ \\$i -lt 20000 ]; do i=\\$((i+1)); done"; done'`,
    limits: { cpuSeconds: 2 },
    reached: 'cpu_time',
  },
];

/** What fails by itself, since the kernel keeps the bound. */
const REFUSED: readonly (Attempt & { readonly limits: SandboxLimits })[] = [
  {
    title: 'write a file larger than allowed',
    limits: { fileMb: 20, diskMb: 200 },
    script: () => 'head -c 40000000 /dev/zero >big && [ "$(stat -c %s big)" = 40000000 ]',
  },
  {
    title: 'make a file look larger than every disk',
    limits: { fileMb: 20, diskMb: 200 },
    script: () => 'truncate -s 5G sparse',
  },
  {
    title: 'open files without end',
    limits: {},
    script: () =>
      node(`const fs = require('node:fs');
try { for (let i = 0; i < 20000; i++) fs.openSync('/dev/null'); } catch (error) { console.log(error.code); process.exit(3); }`),
  },
  { title: 'leave images of its memory', limits: {}, script: () => '[ "$(ulimit -c)" != 0 ]' },
];

describe('a sandbox that wants too much', () => {
  let host: EscapeHost;
  beforeAll(async () => {
    host = await plantHost();
  });
  afterAll(() => host[Symbol.asyncDispose]());

  for (const bomb of BOMBS) {
    it(`ends for ${bomb.title}, and can still be read`, async (context) => {
      if (cannotIsolate !== undefined) context.skip(cannotIsolate);
      const missing = await host.missing('auto', bomb.needs === undefined ? [] : [bomb.needs]);
      if (missing !== undefined) context.skip(missing);
      await using backend = localBackend('auto');
      await using sandbox = await backend.create({
        labels: { run: 'run-bombs', purpose: 'command' },
        limits: bomb.limits,
      });
      await sandbox.writeFile(`${sandbox.paths.control}/handoff.json`, 'kept');
      const command: [string, ...string[]] = ['bash', '-c', `ulimit -f 2000000; ${bomb.script}`];
      const result = await sandbox.exec({ command, timeoutMs: 30_000 }).result;
      expect(result).toMatchObject({ reason: 'over_limit', limit: bomb.reached });
      expect(await findLabelledProcesses(sandboxLabel(sandbox.id))).toEqual([]);
      const kept = await sandbox.readFile(`${sandbox.paths.control}/handoff.json`);
      expect(Buffer.from(kept).toString()).toBe('kept');
    });
  }

  for (const { title, limits, script } of REFUSED) {
    it(`cannot ${title}`, async (context) => {
      if (cannotIsolate !== undefined) context.skip(cannotIsolate);
      const result = await host.run('auto', { script, spec: { limits } });
      expect(result).toMatchObject({ reason: 'exited' });
      expect(result).not.toMatchObject({ exitCode: 0 });
    });
  }
});
