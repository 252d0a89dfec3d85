import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunInside } from '../../src/inside/inside-command.ts';
import { execRemote } from '../../src/modal/exec/remote-exec.ts';
import { findGuard } from '../../src/modal/guard/find-guard.ts';
import type { ShimProcess } from '../../src/modal/shim/shim-process.ts';
import { processLabels } from '../../src/process/process-table.ts';
import { describeWithPython, shimOf, startFakeModal, type FakeModal } from './fake-modal.ts';
import { guardHere, type TestGuardOptions } from './guard-setup.ts';

const MB = 1024 * 1024;
const GATEWAY = '/workspace/gateway.sock';

describeWithPython('a guard in a remote sandbox', () => {
  let modal: FakeModal;
  let shim: ShimProcess;
  let isolation: string;
  beforeAll(async () => {
    modal = await startFakeModal([dirname(process.execPath), dirname(findGuard())]);
    ({ isolation } = modal.hello as typeof modal.hello & { readonly isolation: string });
    shim = await shimOf(modal);
  });
  afterAll(async () => {
    await shim.close('terminate');
    await modal[Symbol.asyncDispose]();
  });

  const open = async (options: TestGuardOptions) => {
    const spec = { timeoutMs: 600_000, network: { kind: 'none' }, tags: { run: 'run-guard' } } as const;
    const { sandboxId } = await shim.connection.call('sandbox.create', spec);
    const run: RunInside = (command) =>
      execRemote({ connection: shim.connection, sandboxId, ...command, onProblem: () => undefined });
    await run({ command: ['mkdir', '-p', '/workspace'], env: {}, cwd: '/', maxOutputBytes: 100 }).result;
    const guard = guardHere({ run, folders: ['/workspace', '/tmp'], ...options });
    const exec = (command: readonly [string, ...string[]]) =>
      run({ command, env: processLabels(guard.sandboxId, 'exec-1'), cwd: '/workspace', maxOutputBytes: MB });
    const terminate = () => shim.connection.call('sandbox.terminate', { sandboxId });
    return { guard, exec, run, terminate, [Symbol.asyncDispose]: () => guard[Symbol.asyncDispose]() };
  };

  it('leads out of it, and ends what is too much', async ({ skip }) => {
    if (isolation !== 'namespaces') return skip('the test server cannot isolate on this machine');
    await using sandbox = await open({
      limits: { processes: 30 },
      doors: (folder) => [
        { inside: { kind: 'socket', path: GATEWAY }, host: join(folder, 'host.sock') },
        { inside: { kind: 'port', port: 48_128 }, host: join(folder, 'host.sock') },
      ],
    });
    const body = randomBytes(5 * MB);
    const server = createServer((_incoming, response) => response.end(body));
    server.listen(join(sandbox.guard.folder, 'host.sock'));
    await sandbox.guard.ready;
    for (const way of [`{ socketPath: '${GATEWAY}' }`, `{ host: '127.0.0.1', port: 48128 }`]) {
      const program = `require('node:http').get(${way}, (answer) => {
        const hash = require('node:crypto').createHash('sha256');
        answer.on('data', (part) => hash.update(part)).on('end', () => console.log(hash.digest('hex')));
      })`;
      const { stdout, stderr } = await sandbox.exec([process.execPath, '-e', program]).result;
      expect(stderr).toBe('');
      expect(stdout.trim()).toBe(createHash('sha256').update(body).digest('hex'));
    }
    server.close();
    const bomb = 'i=0; while [ $i -lt 90 ]; do sleep 25 & i=$((i+1)); done; wait';
    expect(await sandbox.exec(['sh', '-c', bomb]).result).toMatchObject({ reason: 'signalled' });
    expect(sandbox.guard.limitsReached).toEqual(['processes']);
    await sandbox.guard.calm();
    expect(await sandbox.exec(['echo', 'fits']).result).toMatchObject({ reason: 'exited' });
    expect(sandbox.guard.complaints).toEqual([]);
  });

  it('gives way to a younger one, and ends with its sandbox', async ({ skip }) => {
    if (isolation !== 'namespaces') return skip('the test server cannot isolate on this machine');
    await using sandbox = await open({});
    await sandbox.guard.ready;
    await using young = guardHere({ run: sandbox.run, sandboxId: sandbox.guard.sandboxId });
    await young.ready;
    await sandbox.guard.ended;
    await sandbox.terminate();
    await young.ended;
  });
});
