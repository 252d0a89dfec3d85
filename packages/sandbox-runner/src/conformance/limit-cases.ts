import { expect } from 'vitest';
import type { SuiteCase } from './suite-case.ts';

const sh = (script: string): [string, ...string[]] => ['sh', '-c', script];
const TIMEOUT_MS = 60_000;

/** Each does no more than so much, so that a backend without limits is found out and not harmed. */
const FORKS = sh('i=0; while [ $i -lt 80 ]; do sleep 30 & i=$((i+1)); done; wait');
const MEMORY: [string, ...string[]] = [
  'node',
  '-e',
  'const a=[];for(let i=0;i<500;i++)a.push(Buffer.alloc(1e6,1));setTimeout(()=>a,30e3)',
];
const DISK = sh('for i in 1 2 3 4 5 6 7 8; do head -c 16000000 /dev/zero >f$i; done; sleep 30');

export const limitCases: readonly SuiteCase[] = [
  {
    title: 'ends all commands when there are too many processes, and keeps the files',
    run: async ({ open }) => {
      const sandbox = await open({ limits: { processes: 40 } });
      await sandbox.writeFile(`${sandbox.paths.control}/kept`, 'kept');
      const waiting = sandbox.exec({ command: ['sleep', '60'] });
      const forking = sandbox.exec({ command: FORKS, timeoutMs: TIMEOUT_MS });
      expect(await forking.result).toMatchObject({ reason: 'over_limit', limit: 'processes' });
      expect(await waiting.result).toMatchObject({ reason: 'over_limit', limit: 'processes' });
      const kept = await sandbox.readFile(`${sandbox.paths.control}/kept`);
      expect(new TextDecoder().decode(kept)).toBe('kept');
      expect((await sandbox.exec({ command: ['true'] }).result).exitCode).toBe(0);
    },
  },
  {
    title: 'ends a command that takes too much memory',
    run: async ({ open }) => {
      const sandbox = await open({ limits: { memoryMb: 250 } });
      const result = await sandbox.exec({ command: MEMORY, timeoutMs: TIMEOUT_MS }).result;
      expect(result).toMatchObject({ reason: 'over_limit', limit: 'memory' });
    },
  },
  {
    title: 'ends a command that fills the disk',
    run: async ({ open }) => {
      const sandbox = await open({ limits: { diskMb: 64 } });
      const result = await sandbox.exec({ command: DISK, timeoutMs: TIMEOUT_MS }).result;
      expect(result).toMatchObject({ reason: 'over_limit', limit: 'disk' });
    },
  },
  {
    title: 'ends a command that computes too long',
    run: async ({ open }) => {
      const sandbox = await open({ limits: { cpuSeconds: 1 } });
      const program = 'const end = Date.now() + 40e3; while (Date.now() < end);';
      const result = await sandbox.exec({ command: ['node', '-e', program], timeoutMs: TIMEOUT_MS }).result;
      expect(result).toMatchObject({ reason: 'over_limit', limit: 'cpu_time' });
    },
  },
  {
    title: 'refuses a write that makes one file too big, and lets the command go on',
    run: async ({ open }) => {
      const sandbox = await open({ limits: { fileMb: 8 } });
      const script = 'head -c 9000000 /dev/zero >f || wc -c <f; echo on';
      const { stdout } = await sandbox.exec({ command: sh(script) }).result;
      expect(stdout.replaceAll(' ', '')).toBe(`${8 * 1024 * 1024}\non\n`);
    },
  },
  {
    title: 'lets a command do within its limits what builds do',
    run: async ({ open }) => {
      const sandbox = await open({
        limits: { processes: 64, memoryMb: 1_024, diskMb: 256, cpuSeconds: 120 },
      });
      const script =
        'for i in 1 2 3 4; do node -e "Buffer.alloc(2e7, 1)" & done; wait; head -c 20000000 /dev/zero >f';
      const result = await sandbox.exec({ command: sh(script), timeoutMs: TIMEOUT_MS }).result;
      expect(result).toMatchObject({ reason: 'exited', exitCode: 0 });
    },
  },
];
