import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommitShaSchema } from '@agentswarm/core';
import { openGitSession } from '@agentswarm/git';
import { createBranchGuard, createRadar, sessionSource } from '@agentswarm/merge-queue';
import { generateRepository, SHAPE } from './generate-repository.ts';
import { gitIn } from './git-in.ts';

// node --conditions=@agentswarm/source packages/merge-queue/bench/radar.ts
const IN_FLIGHT = 99;
const NEW = 20;
const folder = mkdtempSync(join(tmpdir(), 'radar-bench-'));
try {
  const repository = await generateRepository(folder, 7);
  const refs = ['for-each-ref', '--format=%(objectname)', 'refs/heads/realistic/'];
  const heads = gitIn(repository, ...refs)
    .split('\n')
    .map((sha) => CommitShaSchema.parse(sha));
  const target = CommitShaSchema.parse(gitIn(repository, 'rev-parse', 'main'));
  await using session = await openGitSession({ repository });
  const radar = createRadar({ session, target });
  const inFlight = heads.slice(0, IN_FLIGHT);
  const startedAtMs = performance.now();
  for (const [index, head] of inFlight.entries()) await radar.add({ ticket: `b${index}`, head });
  const matrixMs = performance.now() - startedAtMs;
  const fresh = heads.slice(IN_FLIGHT, IN_FLIGHT + NEW);
  const checks: number[] = [];
  for (const head of fresh) {
    const atMs = performance.now();
    await radar.check(head);
    checks.push(performance.now() - atMs);
  }
  const guard = createBranchGuard(sessionSource(session));
  const looks: number[] = [];
  for (const facts of await session.relate(target, heads)) {
    const atMs = performance.now();
    await guard({ tip: target, facts });
    looks.push(performance.now() - atMs);
  }
  const [first = target] = fresh;
  const singleAtMs = performance.now();
  for (const other of [...inFlight, target])
    spawnSync('git', ['merge-tree', '--write-tree', other, first], { cwd: repository });
  const singleMs = performance.now() - singleAtMs;
  const checkMs = quantile(checks, 0.5);
  process.stdout.write(
    `${JSON.stringify({
      files: SHAPE.files,
      inFlight: IN_FLIGHT,
      matrixMs: Math.round(matrixMs),
      checkMedianMs: Number(checkMs.toFixed(1)),
      checkP95Ms: Number(quantile(checks, 0.95).toFixed(1)),
      guardMedianMs: Number(quantile(looks, 0.5).toFixed(2)),
      guardP95Ms: Number(quantile(looks, 0.95).toFixed(2)),
      processEachMs: Math.round(singleMs),
      processEachToCheck: Number((singleMs / checkMs).toFixed(1)),
    })}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}
