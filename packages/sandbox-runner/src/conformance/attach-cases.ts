import type { Sandbox } from '@agentswarm/core';
import { expect } from 'vitest';
import type { SuiteCase } from './suite-case.ts';

const sh = (script: string): [string, ...string[]] => ['sh', '-c', script];

/** Waits for a change that needs no more than time; the time limit of the test is the limit of the wait. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

function notFound(attaching: Promise<Sandbox>): Promise<void> {
  return expect(attaching).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
}

/** Opening a sandbox again, and giving it up. */
export const attachCases: readonly SuiteCase[] = [
  {
    title: 'gives a second handle on a sandbox, whose end is not the end of the sandbox',
    run: async ({ open, backend }) => {
      const first = await open({ env: { OWN: 'kept' } });
      await first.writeFile(`${first.paths.control}/note`, 'left by the first');
      {
        await using second = await backend.attach(first.id);
        expect(second).toMatchObject({ id: first.id, labels: first.labels, paths: first.paths });
        const file = `${second.paths.control}/note`;
        expect(Buffer.from(await second.readFile(file)).toString()).toBe('left by the first');
        const result = await second.exec({ command: sh('echo "$OWN"') }).result;
        expect(result.stdout).toBe('kept\n');
      }
      expect((await first.exec({ command: ['true'] }).result).exitCode).toBe(0);
    },
  },
  {
    title: 'ends a sandbox for all its handles',
    run: async ({ open, backend }) => {
      const first = await open();
      const exec = first.exec({ command: ['sleep', '600'] });
      const second = await backend.attach(first.id);
      await second.terminate();
      expect((await exec.result).reason).toBe('aborted');
      for (const handle of [first, second]) {
        expect(() => handle.exec({ command: ['true'] })).toThrow(
          expect.objectContaining({ code: 'SANDBOX_TERMINATED' }),
        );
      }
      await first.terminate();
      await notFound(backend.attach(first.id));
    },
  },
  {
    title: 'says that there is no sandbox to attach to',
    run: async ({ backend }) => notFound(backend.attach('sbx-0000000000000000')),
  },
  {
    title: 'keeps a detached sandbox until it is attached again',
    run: async ({ open, backend }) => {
      const labels = { run: 'run-detached', purpose: 'command' } as const;
      const first = await open({ labels });
      await first.writeFile(`${first.paths.workdir}/file`, 'kept');
      await first.detach();
      expect(() => first.exec({ command: ['true'] })).toThrow();
      expect(await backend.list({ run: labels.run })).toMatchObject([{ id: first.id, state: 'detached' }]);
      expect(await backend.reap({ run: labels.run })).toBe(0);
      await using again = await backend.attach(first.id);
      expect(await backend.list({ run: labels.run })).toMatchObject([{ id: first.id, state: 'held' }]);
      expect((await again.exec({ command: ['cat', 'file'] }).result).stdout).toBe('kept');
      await again.terminate();
      expect(await backend.list({ run: labels.run })).toEqual([]);
    },
  },
  {
    title: 'reaps a detached sandbox when asked to, or when its time is over',
    run: async ({ open, backend }) => {
      const run = 'run-detached-reaped';
      const labels = { run, purpose: 'command' } as const;
      await (await open({ labels })).detach();
      expect(await backend.reap({ run }, { detached: true })).toBe(1);
      await (await open({ labels, wallTimeoutMs: 60_000 })).detach();
      expect(await backend.reap({ run })).toBe(0);
      expect(await backend.reap({ run }, { detached: true })).toBe(1);
      await (await open({ labels, idleTimeoutMs: 1 })).detach();
      await until(async () => (await backend.reap({ run })) === 1);
      expect(await backend.list({ run })).toEqual([]);
    },
  },
  {
    title: 'tells when a sandbox was made',
    run: async ({ open, backend }) => {
      const beforeMs = Date.now();
      const { id } = await open({ labels: { run: 'run-made', purpose: 'command' } });
      const [summary] = await backend.list({ run: 'run-made' });
      expect(summary).toMatchObject({ id, state: 'held' });
      expect(summary?.createdAtMs).toBeGreaterThanOrEqual(Math.floor(beforeMs));
      expect(summary?.createdAtMs).toBeLessThanOrEqual(Date.now());
    },
  },
  {
    title: 'says whether a command runs, whoever started it',
    run: async ({ open, backend }) => {
      const sandbox = await open();
      expect(await sandbox.isBusy()).toBe(false);
      const abort = new AbortController();
      const exec = sandbox.exec({ command: ['sleep', '600'], signal: abort.signal });
      await using other = await backend.attach(sandbox.id);
      await until(() => other.isBusy());
      abort.abort();
      await exec.result;
      await until(async () => !(await other.isBusy()));
      expect(await sandbox.isBusy()).toBe(false);
    },
  },
  {
    title: 'ends an idle sandbox, and not one that works',
    run: async ({ open, backend }) => {
      const run = 'run-idle';
      const sandbox = await open({ labels: { run, purpose: 'command' }, idleTimeoutMs: 300 });
      const busy = await sandbox.exec({ command: ['sleep', '1'] }).result;
      expect(busy).toMatchObject({ reason: 'exited', exitCode: 0 });
      await until(async () => (await backend.list({ run })).length === 0);
      expect(() => sandbox.exec({ command: ['true'] })).toThrow();
    },
  },
  {
    title: 'renews the wall time of a sandbox',
    run: async ({ open, backend }) => {
      const run = 'run-renewed';
      const sandbox = await open({ labels: { run, purpose: 'command' }, wallTimeoutMs: 2_000 });
      await sandbox.renew({ wallTimeoutMs: 600_000 });
      const result = await sandbox.exec({ command: ['sleep', '2.5'] }).result;
      expect(result).toMatchObject({ reason: 'exited', exitCode: 0 });
      await sandbox.renew({ wallTimeoutMs: 1 });
      await until(async () => (await backend.list({ run })).length === 0);
    },
  },
];
