import { expect } from 'vitest';
import type { SuiteCase } from './suite-case.ts';

export const lifecycleCases: readonly SuiteCase[] = [
  {
    title: 'terminates twice without harm and runs nothing afterwards',
    run: async ({ open }) => {
      const sandbox = await open();
      const exec = sandbox.exec({ command: ['sleep', '600'] });
      await Promise.all([sandbox.terminate(), sandbox.terminate()]);
      expect((await exec.result).reason).toBe('aborted');
      expect(() => sandbox.exec({ command: ['true'] })).toThrow(
        expect.objectContaining({ code: 'SANDBOX_TERMINATED' }),
      );
      await expect(sandbox.readFile(`${sandbox.paths.control}/x`)).rejects.toMatchObject({
        code: 'SANDBOX_TERMINATED',
      });
    },
  },
  {
    title: 'ends the whole sandbox at its wall time limit',
    run: async ({ open, backend }) => {
      const sandbox = await open({
        labels: { run: 'run-wall', purpose: 'command' },
        wallTimeoutMs: 300,
      });
      const result = await sandbox.exec({ command: ['sleep', '600'] }).result;
      expect(result.reason).toBe('timed_out');
      await sandbox.terminate();
      expect(await backend.list({ run: 'run-wall' })).toEqual([]);
    },
  },
  {
    title: 'lists sandboxes by their labels until they end',
    run: async ({ open, backend }) => {
      const one = await open({ labels: { run: 'run-list', purpose: 'attempt', attempt: 'a.1' } });
      const two = await open({ labels: { run: 'run-list', purpose: 'gate' } });
      const ids = async (labels: Parameters<typeof backend.list>[0]) =>
        (await backend.list(labels)).map(({ id }) => id).toSorted();
      expect(await ids({ run: 'run-list' })).toEqual([one.id, two.id].toSorted());
      expect(await ids({ run: 'run-list', attempt: 'a.1' })).toEqual([one.id]);
      expect(await ids({ run: 'run-other' })).toEqual([]);
      await one.terminate();
      expect(await backend.list({ run: 'run-list' })).toEqual([
        { id: two.id, labels: two.labels, createdAtMs: expect.any(Number) as number, state: 'held' },
      ]);
    },
  },
  {
    title: 'reaps the sandboxes of one run only',
    run: async ({ open, backend }) => {
      const kept = await open({ labels: { run: 'run-kept', purpose: 'command' } });
      await open({ labels: { run: 'run-reaped', purpose: 'command' } });
      expect(await backend.reap({ run: 'run-reaped' })).toBe(1);
      expect(await backend.list({ run: 'run-reaped' })).toEqual([]);
      expect((await kept.exec({ command: ['true'] }).result).exitCode).toBe(0);
    },
  },
  {
    title: 'refuses an image that it does not know',
    run: async ({ backend }) => {
      const labels = { run: 'run-image', purpose: 'command' } as const;
      await expect(backend.create({ labels, image: 'no-such-image' })).rejects.toMatchObject({
        code: 'SANDBOX_UNSUPPORTED',
        details: { image: 'no-such-image' },
      });
      expect(await backend.list({ run: 'run-image' })).toEqual([]);
    },
  },
  {
    title: 'leaves nothing behind when creating fails or is aborted',
    run: async ({ backend, source }) => {
      const labels = { run: 'run-failing', purpose: 'command' } as const;
      const missing = source.at('0123456789'.repeat(4) as typeof source.commit);
      await expect(backend.create({ labels, source: missing })).rejects.toMatchObject({
        code: 'SANDBOX_SETUP_FAILED',
      });
      const abort = new AbortController();
      const creating = backend.create({ labels, source: source.at(source.commit) }, { signal: abort.signal });
      abort.abort();
      await expect(creating).rejects.toMatchObject({ name: 'AbortError' });
      expect(await backend.list({ run: 'run-failing' })).toEqual([]);
    },
  },
  {
    title: 'keeps sandboxes made at the same time apart',
    run: async ({ open, source }) => {
      const numbers = [1, 2, 3, 4, 5, 6];
      const heads = await Promise.all(
        numbers.map(async (number) => {
          const sandbox = await open({ source: source.at(source.commit, `worker/same.${number}`) });
          const script = `echo ${number} >file; git add .; git commit -qm ${number}; git push -q "$0" HEAD; ls`;
          const result = await sandbox.exec({ command: ['sh', '-c', script, sandbox.paths.intake] }).result;
          expect(result).toMatchObject({ exitCode: 0, stdout: 'README.md\nfile\n' });
          return sandbox.collect({ repository: source.repository, ref: `refs/collected/same-${number}` });
        }),
      );
      expect(new Set(heads).size).toBe(numbers.length);
      const contents = numbers.map((number) => source.git('show', `refs/collected/same-${number}:file`));
      expect(await Promise.all(contents)).toEqual(numbers.map(String));
    },
  },
];
