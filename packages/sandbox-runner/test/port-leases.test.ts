import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { leasePorts } from '../src/network/port-leases.ts';
import { localBackend, temporaryFolder } from './local-machine.ts';

const ROUNDS = process.env['TEST_DEEP'] ? 20 : 3;
const PROCESSES = 4;
const EACH = 6;

/** A process that leases ranges and holds them until it is told to end. */
async function startHolder(folder: string, dies: boolean) {
  const script = join(import.meta.dirname, 'lease-child.ts');
  const args = ['--conditions=@agentswarm/source', script, folder, String(EACH), ...(dies ? ['dies'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const ended = once(child, 'exit');
  return {
    firstPorts: line.toString().trim().split(' ').map(Number),
    end: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

it('never gives a range to two at a time, of many processes, though some die holding theirs', async () => {
  const folder = temporaryFolder('leases');
  for (let round = 0; round < ROUNDS; round++) {
    const holders = await Promise.all(
      Array.from({ length: PROCESSES }, (_, index) => startHolder(folder, index % 2 === 0)),
    );
    const all = holders.flatMap(({ firstPorts }) => firstPorts);
    expect(all).toHaveLength(PROCESSES * EACH);
    expect(new Set(all).size).toBe(all.length);
    await Promise.all(holders.map(({ end }) => end()));
  }
  // Half of them released theirs; what the dead left is taken over when nothing else is free.
  const left = readdirSync(folder).length;
  expect(left).toBeGreaterThanOrEqual((PROCESSES / 2) * EACH);
  const leases = await Promise.all(Array.from({ length: 30 }, () => leasePorts(folder, { ranges: 40 })));
  expect(new Set(leases.map(({ range }) => range.first)).size).toBe(30);
  for (const lease of leases) await lease[Symbol.asyncDispose]();
});

it('passes over ports that somebody uses without asking, and says when none are left', async () => {
  const folder = temporaryFolder('taken');
  const server = createServer().listen(20_007, '127.0.0.1');
  // Whether by this server or another: the port is taken.
  await new Promise((resolve) => server.once('listening', resolve).once('error', resolve));
  await expect(leasePorts(folder, { ranges: 1 })).rejects.toMatchObject({ code: 'SANDBOX_SETUP_FAILED' });
  expect(readdirSync(folder)).toEqual([]);
  server.close();
});

it('gives sandboxes that share the ports of the host different ones, until they end', async () => {
  const root = temporaryFolder('ports');
  await using backend = localBackend('none', { root });
  const open = () => backend.create({ labels: { run: 'run-ports', purpose: 'command' } });
  const sandboxes = await Promise.all([open(), open(), open()]);
  const firstPorts = await Promise.all(
    sandboxes.map(async (sandbox) => {
      const script = 'echo $AGENTSWARM_PORT_FIRST $((AGENTSWARM_PORT_LAST - AGENTSWARM_PORT_FIRST)) $PORT';
      const { stdout } = await sandbox.exec({ command: ['sh', '-c', script] }).result;
      const [first, count, port] = stdout.trim().split(' ');
      expect([count, port]).toEqual(['19', first]);
      const own = await sandbox.exec({ command: ['sh', '-c', 'echo $PORT'], env: { PORT: '1' } }).result;
      expect(own.stdout).toBe('1\n');
      return first;
    }),
  );
  expect(new Set(firstPorts).size).toBe(3);
  expect(readdirSync(join(root, 'ports'))).toHaveLength(3);
  for (const sandbox of sandboxes) await sandbox.terminate();
  expect(readdirSync(join(root, 'ports'))).toEqual([]);
});
