import { createHash } from 'node:crypto';
import type { Sandbox, SandboxBackend } from '@agentswarm/core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../../src/conformance/source-repository.ts';
import { runTask } from '../../../src/index.ts';
import { REF } from '../../task-setup.ts';
import { describeWithPython, type FakeModal } from '../fake-modal.ts';
import { modalBackend, startModalMachine } from '../modal-machine.ts';
import { ALL_COUNTS, ownShim, remoteTask, watch } from './remote-task.ts';

const MUCH_BYTES = 50 * 1024 * 1024;
const LINE = '0123456789abcdef\n';

describeWithPython('what comes out of a remote sandbox', () => {
  let modal: FakeModal;
  let source: SourceRepository;
  let backend: SandboxBackend;
  let sandbox: Sandbox;
  beforeAll(async () => {
    modal = await startModalMachine();
    source = await createSourceRepository();
    backend = modalBackend(modal);
    sandbox = await backend.create({ labels: { run: 'run-streams', purpose: 'command' } });
  });
  afterEach(() => modal.ask('clearFaults'));
  afterAll(async () => {
    await backend[Symbol.asyncDispose]();
    await modal[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
  });

  const cut = (fields: object) => modal.ask('fault', { rpc: 'TaskExecStdioRead', kind: 'cut', ...fields });
  const sh = (script: string, maxOutputBytes = 1024) =>
    sandbox.exec({ command: ['sh', '-c', script], maxOutputBytes });
  /** An attempt that loses nothing; `onCount` may do harm meanwhile. */
  async function losesNothing(behaviour: string, onCount?: (count: number) => unknown): Promise<void> {
    const run = runTask(remoteTask(backend, source, behaviour));
    const { counts, result } = await watch(run, onCount);
    expect({ counts, result }).toMatchObject({ counts: ALL_COUNTS, result: { status: 'handed_off' } });
    expect(result).toMatchObject({ head: await source.git('rev-parse', REF) });
  }

  it('comes once and whole when connections are cut, after few bytes or many', async () => {
    for (const [skip, afterBytes] of [0, 1, 100, 1000, 3000].entries()) await cut({ skip, afterBytes });
    await losesNothing('talks');
  });

  it('comes once and whole when every connection is cut sooner or later', async () => {
    await cut({ afterBytes: 1500, times: null });
    await losesNothing('talks');
  });

  it('waits while the shim is asleep', async () => {
    await losesNothing('talksSlowly', async (count) => {
      if (count !== 5) return;
      const shim = ownShim();
      process.kill(shim, 'SIGSTOP');
      await modal.ask('expireTokens');
      await cut({ afterBytes: 1 });
      setTimeout(() => process.kill(shim, 'SIGCONT'), 3_000);
    });
  });

  it('may be very much, cut in its middle', async () => {
    await cut({ afterBytes: Math.floor(MUCH_BYTES / 3) });
    const exec = sh(`yes '${LINE.trim()}' | head -c ${MUCH_BYTES}`);
    const [hash, expected] = [createHash('sha256'), createHash('sha256')];
    let bytes = 0;
    for await (const chunk of exec.output) {
      bytes += chunk.bytes.length;
      hash.update(chunk.bytes);
    }
    expect(bytes).toBe(MUCH_BYTES);
    const some = Buffer.alloc(LINE.length * 65_536, LINE);
    for (let left = bytes; left > 0; left -= some.length) expected.update(some.subarray(0, left));
    expect(hash.digest('hex')).toBe(expected.digest('hex'));
    expect((await exec.result).exitCode).toBe(0);
  });

  it('need not be read by anybody', async () => {
    const result = await sh(`echo first; yes | head -c 8000000; echo; echo last >&2; echo last`).result;
    expect(result).toMatchObject({ reason: 'exited', exitCode: 0, stderr: 'last\n' });
    expect(result.stdout.slice(0, 8)).toBe('first\ny\n');
    expect(result.stdout.endsWith('y\n\nlast\n')).toBe(true);
    expect(result.stdout.length).toBeLessThan(2_000);
  });

  it('may be no text', async () => {
    const exec = sh(String.raw`printf 'a\377\376\200b\n\303' ; printf '\360\237\n' >&2`);
    const chunks = await Array.fromAsync(exec.output);
    const out = chunks.filter(({ stream }) => stream === 'stdout').map(({ bytes }) => bytes);
    expect(Buffer.concat(out).toString('latin1')).toBe('aÿþ\u0080b\nÃ');
    expect(await exec.result).toMatchObject({ stdout: 'a\uFFFD\uFFFD\uFFFDb\n\uFFFD' });
    const lines = await Array.fromAsync(sh(String.raw`printf 'a\377\nb\n'`).lines);
    expect(lines).toEqual(['a\uFFFD', 'b']);

    const file = `${sandbox.paths.control}/bytes`;
    const bytes = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));
    await sandbox.writeFile(file, bytes);
    expect(Buffer.from(await sandbox.readFile(file)).equals(bytes)).toBe(true);
    const followed = await Array.fromAsync(sandbox.follow(file, { signal: AbortSignal.abort() }));
    expect(Buffer.concat(followed).equals(bytes)).toBe(true);
  });
});
