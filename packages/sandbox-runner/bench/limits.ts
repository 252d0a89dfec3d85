/**
 * What watching sandboxes costs, and how soon bombs are ended:
 * `node --conditions=@agentswarm/source packages/sandbox-runner/bench/limits.ts [sandboxes] [seconds]`.
 *
 * Each bomb has a bound of its own, so that it harms nothing even if no limit held.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SandboxLimits } from '@agentswarm/core';
import { createLocalBackend, probeIsolation } from '@agentswarm/sandbox-runner';

const [count = 50, seconds = 10] = process.argv.slice(2).map(Number);
const ROUNDS = 5;
const root = mkdtempSync(join(tmpdir(), 'agentswarm-bench-'));
const path = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':');
const backend = createLocalBackend({
  root,
  isolation: probeIsolation({ path }).usable ? 'auto' : 'none',
  runtime: { readOnlyPaths: [], nodePath: process.execPath },
  path,
});
const open = (limits: SandboxLimits = {}) =>
  backend.create({ labels: { run: 'bench', purpose: 'command' }, limits });

/** Percent of one core that this process uses. */
async function ownShare(): Promise<string> {
  const before = process.cpuUsage();
  const startMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const { user, system } = process.cpuUsage(before);
  return (((user + system) / 1_000 / (performance.now() - startMs)) * 100).toFixed(1);
}

console.log(`${backend.description}; this process alone: ${await ownShare()} % of a core`);
const idle = await Promise.all(Array.from({ length: count }, () => open()));
const running = idle.map((sandbox) => sandbox.exec({ command: ['sh', '-c', 'while :; do sleep 0.5; done'] }));
await new Promise((resolve) => setTimeout(resolve, 2_000));
console.log(
  `with ${count} sandboxes that each start two processes a second: ${await ownShare()} % of a core`,
);

const bombs: readonly { readonly name: string; readonly limits: SandboxLimits; readonly script: string }[] = [
  {
    name: 'fork bomb (600 processes, limit 64)',
    limits: { processes: 64 },
    script: 'i=0; while [ $i -lt 600 ]; do sleep 30 & i=$((i+1)); done; wait',
  },
  {
    name: 'fork bomb that doubles (1023 processes, limit 64)',
    limits: { processes: 64 },
    script: 'f() { [ $1 -gt 0 ] && { f $(($1-1)) & f $(($1-1)) & wait; }; sleep 10; }; f 9',
  },
  {
    name: 'memory bomb (1500 MB, limit 256)',
    limits: { memoryMb: 256 },
    script: `exec node -e 'const a=[];for(let i=0;i<1500;i++)a.push(Buffer.alloc(1e6,1));setTimeout(()=>a,3e4)'`,
  },
  {
    name: 'disk filler (1200 MB, limit 128)',
    limits: { diskMb: 128 },
    script: 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do head -c 100000000 /dev/zero >f$i; done; sleep 30',
  },
];
for (const { name, limits, script } of bombs) {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await using sandbox = await open(limits);
    const result = await sandbox.exec({ command: ['sh', '-c', script], timeoutMs: 40_000 }).result;
    if (result.reason !== 'over_limit') throw new TypeError(`${name} ended otherwise: ${result.reason}`);
    times.push(Math.round(result.durationMs));
  }
  const [least, , median, , most] = times.toSorted((a, b) => a - b);
  console.log(`${name}: from its start to its end ${median} ms (${least} to ${most})`);
}

await backend[Symbol.asyncDispose]();
await Promise.all(running.map((exec) => exec.result));
rmSync(root, { recursive: true, force: true });
