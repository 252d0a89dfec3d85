import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'vitest';
import { commands } from '@agentswarm/merge-queue';
import { runGateSuite, type GateUnderTest } from '@agentswarm/merge-queue/testing';
import { createLocalBackend, probeIsolation } from '@agentswarm/sandbox-runner';

const path = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':');
const probe = probeIsolation({ path });

async function localGates(isolation: 'auto' | 'none'): Promise<GateUnderTest> {
  const root = await mkdtemp(join(tmpdir(), 'agentswarm-gates-'));
  const runtime = { readOnlyPaths: [], nodePath: process.execPath };
  const backend = createLocalBackend({ root, isolation, path, runtime });
  return {
    gateOf: (list, limits) => commands(list, { backend, run: 'run-suite', network: 'none', ...limits }),
    isRunning,
    [Symbol.asyncDispose]: async () => {
      await backend[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function isRunning(marker: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  // A process may end while we look; what cannot be read is no longer running.
  const reads = await Promise.allSettled(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8')));
  return reads.some((read) => read.status === 'fulfilled' && read.value.split('\0').includes(marker));
}

if (process.platform !== 'linux') {
  describe('gate: commands in local sandboxes', () => {
    it('passes the suite', ({ skip }) => skip('looks for processes in /proc'));
  });
} else {
  runGateSuite({ name: 'commands, not isolated', create: () => localGates('none') });
  if (probe.usable) {
    runGateSuite({ name: 'commands in bubblewrap', create: () => localGates('auto') });
  } else {
    describe('gate: commands in bubblewrap', () => {
      it('passes the suite', ({ skip }) => skip(probe.reason));
    });
  }
}
