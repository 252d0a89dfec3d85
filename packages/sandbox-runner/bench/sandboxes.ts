/**
 * What sandboxes cost, against the goals set for them:
 * `node --conditions=@agentswarm/source packages/sandbox-runner/bench/sandboxes.ts [files] [runs]`.
 * Exits with 1 when a sandbox fails or a goal is missed.
 */
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BranchNameSchema, type CommitSha, type Sandbox, type SandboxSpec } from '@agentswarm/core';
import { createLocalBackend, SandboxError } from '@agentswarm/sandbox-runner';
import { createBigRepository, createVoxelCraft, type BenchRepository } from './repositories.ts';

const [files = 45_000, runs = 15] = process.argv.slice(2).map(Number);
/** Own checkouts of the big repository: each is a full one, and few tell enough. */
const OWN_RUNS = 3;
const CONCURRENT = 50;
const CHANGED = { files: 20, bytes: 10_000 };
const GOAL_MS = { small: 150, big: 600, exec: 40 };

const folder = mkdtempSync(join(tmpdir(), 'agentswarm-bench-'));
const root = join(folder, 'root');
const backend = createLocalBackend({
  root,
  isolation: 'auto',
  runtime: { readOnlyPaths: [], nodePath: process.execPath },
  path: process.env['PATH'] ?? '',
});
let missed = 0;
let branches = 0;

function verdict(met: boolean): string {
  if (!met) missed += 1;
  return met ? 'met' : 'MISSED';
}

function report(what: string, timesMs: readonly number[], goalMs?: number): void {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  const goal = goalMs === undefined ? '' : `, goal ${goalMs} ms: ${verdict(quantile(0.5) <= goalMs)}`;
  const [p50, p95] = [quantile(0.5), quantile(0.95)].map(Math.round);
  console.log(`${what}: p50 ${p50} ms, p95 ${p95} ms (${timesMs.length} runs)${goal}`);
}

type BenchSpec = Partial<SandboxSpec> & { readonly commit?: CommitSha };

async function open(repository: BenchRepository, { commit, ...spec }: BenchSpec = {}): Promise<Sandbox> {
  const branch = BranchNameSchema.parse(`worker/bench.${++branches}`);
  return backend.create({
    labels: { run: 'run-bench', purpose: 'attempt' },
    source: { repository: repository.path, commit: commit ?? repository.commit, branch },
    ...spec,
  });
}

async function run(sandbox: Sandbox, script: string): Promise<string> {
  const result = await sandbox.exec({ command: ['sh', '-c', script], timeoutMs: 300_000 }).result;
  if (result.reason === 'exited' && result.exitCode === 0) return result.stdout;
  throw new SandboxError('SANDBOX_SETUP_FAILED', `a command failed: ${JSON.stringify(result)}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** From the request to the end of the first command. */
async function openTimed(repository: BenchRepository, spec?: BenchSpec) {
  const start = performance.now();
  const sandbox = await open(repository, spec);
  await run(sandbox, 'true');
  return { sandbox, ms: performance.now() - start };
}

async function timeMany(count: number, specOf: (index: number) => [BenchRepository, BenchSpec?]) {
  const opened = [];
  for (let index = 0; index < count; index++) opened.push(await openTimed(...specOf(index)));
  // Removed only now: some file systems make files slowly for a while after many were removed.
  await Promise.all(opened.map(({ sandbox }) => sandbox.terminate()));
  return opened.map(({ ms }) => ms);
}

async function benchExec(): Promise<void> {
  await using sandbox = await open(small);
  const [inside, bare]: [number[], number[]] = [[], []];
  for (let index = 0; index < runs * 2; index++) {
    inside.push(await timed(() => run(sandbox, 'true')));
    bare.push(await timed(async () => execFileSync('sh', ['-c', 'true'])));
  }
  const bareMs = bare.toSorted((a, b) => a - b)[runs] ?? 0;
  report(
    `exec, over the ${bareMs.toFixed(1)} ms of the bare command`,
    inside.map((ms) => ms - bareMs),
    GOAL_MS.exec,
  );
}

async function benchStatus(checkout: 'own' | 'overlay'): Promise<void> {
  await using sandbox = await open(big, { checkout });
  const status = () => timed(() => run(sandbox, 'git status --porcelain'));
  report(`git status, big, ${checkout}, the first`, [await status()]);
  report(`git status, big, ${checkout}, later`, [await status(), await status(), await status()]);
}

function bytesOn(path: string): number {
  const stats = lstatSync(path);
  // The kernel keeps a folder beside an overlay that only the superuser may read.
  const isReadable = stats.isDirectory() && (stats.mode & 0o400) !== 0;
  const within = isReadable ? readdirSync(path) : [];
  return within.reduce((sum, name) => sum + bytesOn(join(path, name)), stats.blocks * 512);
}

async function benchDisk(name: string, repository: BenchRepository): Promise<void> {
  await using sandbox = await open(repository);
  const kib = () => Math.round(bytesOn(join(root, 'sandboxes', sandbox.id)) / 1024);
  const before = kib();
  const script = `for f in $(git ls-files | head -${CHANGED.files}); do head -c ${CHANGED.bytes} /dev/urandom >"$f"; done
    git status --porcelain | wc -l; git commit -qam changed`;
  const changed = Number(await run(sandbox, script));
  const goal = Math.round((2 * changed * CHANGED.bytes) / 1024) + 5 * 1024;
  console.log(
    `disk, ${name}: ${before} KiB at first, ${kib()} KiB with ${changed} files changed and committed, goal ${goal} KiB: ${verdict(kib() <= goal)}`,
  );
}

async function benchConcurrent(name: string, repository: BenchRepository): Promise<void> {
  const start = performance.now();
  const ends = await Promise.allSettled(Array.from({ length: CONCURRENT }, () => openTimed(repository)));
  const took = Math.round(performance.now() - start);
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
  console.log(
    `${CONCURRENT} at once, ${name}: ${CONCURRENT - failures.length} succeeded in ${took} ms: ${verdict(failures.length === 0)}`,
  );
  for (const failure of new Set(failures)) console.error(failure);
  const opened = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value.sandbox] : []));
  await Promise.all(opened.map((sandbox) => sandbox.terminate()));
}

const small = createVoxelCraft(folder);
const big = createBigRepository(folder, files);
console.log(
  `${backend.description}; VoxelCraft by own checkout, big (${files} files) by overlay unless said otherwise`,
);
await timeMany(1, () => [small]);
report('create to first exec, VoxelCraft', await timeMany(runs, () => [small]), GOAL_MS.small);
await benchExec();
{
  await using kept = new AsyncDisposableStack();
  const { sandbox, ms } = await openTimed(big);
  kept.use(sandbox);
  report('create to first exec, big, the very first', [ms]);
  report('create to first exec, big', await timeMany(runs, () => [big]), GOAL_MS.big);
  // The second commit still gets a tree; from then on both trees are held.
  const moved = await openTimed(big, { commit: big.change(0) });
  kept.use(moved.sandbox);
  report('create to first exec, big, a second commit', [moved.ms]);
  const commits = Array.from({ length: runs }, (_none, index) => big.change(index + 1));
  const times = await timeMany(runs, (index) => [big, { commit: commits[index] ?? big.commit }]);
  report('create to first exec, big, all trees held at other commits', times, GOAL_MS.big);
}
report('create to first exec, big, own checkout', await timeMany(OWN_RUNS, () => [big, { checkout: 'own' }]));
await benchStatus('overlay');
await benchStatus('own');
await benchDisk('VoxelCraft', small);
await benchDisk('big', big);
await benchConcurrent('VoxelCraft', small);
await benchConcurrent('big', big);
await backend[Symbol.asyncDispose]();
rmSync(folder, { recursive: true });
process.exitCode = missed === 0 ? 0 : 1;
