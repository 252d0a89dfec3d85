import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArmName } from './arms.ts';
import { generateRepository, SHAPE } from './generate-repository.ts';
import { gitIn } from './git-in.ts';

// node --conditions=@agentswarm/source packages/merge-queue/bench/land.ts
const SEED = 7;
const ROUNDS = Number(process.argv[2] ?? 3);
/** The naive queue takes most of a second a branch: enough to know its rate. */
const CHECKOUT_BRANCHES = 20;

interface Measurement {
  readonly ms: number;
  readonly landed: number;
  readonly branches: number;
  /** Of the arm's own process at its largest. */
  readonly maxRssMiB: number;
  /** In use in that process at the end, after a collection. */
  readonly heapMiB: number;
}

const folder = mkdtempSync(join(tmpdir(), 'land-bench-'));
try {
  const origin = await generateRepository(folder, SEED);
  const measure = (arm: ArmName, pattern: string, count: number): Measurement => {
    const work = mkdtempSync(join(folder, 'arm-'));
    const [store, remote] = [join(work, 'store.git'), join(work, 'remote.git')];
    gitIn(work, 'clone', '-q', '--bare', '--local', origin, store);
    gitIn(work, 'clone', '-q', '--bare', '--local', '--single-branch', '--branch', 'main', origin, remote);
    mkdirSync(join(work, 'work'));
    const script = fileURLToPath(new URL('run-arm.ts', import.meta.url));
    const args = [
      '--conditions=@agentswarm/source',
      '--expose-gc',
      script,
      arm,
      store,
      remote,
      join(work, 'work'),
      pattern,
      String(count),
    ];
    const result = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Measurement;
    rmSync(work, { recursive: true, force: true });
    return result;
  };
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  say(`${gitIn(folder, 'version')}, seed ${SEED}, ${ROUNDS} rounds, medians; no gate, no guards in any arm`);
  say(`\n${SHAPE.realisticBranches} realistic branches, ${SHAPE.files} files`);
  const realistic = rounds(() => ({
    raw: measure('raw', 'realistic', SHAPE.realisticBranches),
    plumbing: measure('plumbing', 'realistic', SHAPE.realisticBranches),
    checkout: measure('checkout', 'realistic', CHECKOUT_BRANCHES),
    each: measure('queue, a push each', 'realistic', SHAPE.realisticBranches),
    batched: measure('queue, batched', 'realistic', SHAPE.realisticBranches),
  }));
  for (const [arm, { msPerBranch, landed, branches }] of Object.entries(realistic)) {
    say(
      `  ${arm.padEnd(10)} ${msPerBranch.toFixed(2).padStart(8)} ms/branch, ${landed} of ${branches} landed`,
    );
  }
  say(`  batched / raw       ${(realistic.batched.msPerBranch / realistic.raw.msPerBranch).toFixed(2)}`);
  say(`  checkout / batched  ${(realistic.checkout.msPerBranch / realistic.batched.msPerBranch).toFixed(0)}`);
  say(`\nwrite-disjoint branches`);
  const sizes = [512, 1024, 2048, SHAPE.disjointBranches].map((count) => {
    const { raw, batched } = rounds(() => ({
      raw: measure('raw', 'disjoint', count),
      batched: measure('queue, batched', 'disjoint', count),
    }));
    say(
      `  ${String(count).padStart(5)}: raw ${raw.msPerBranch.toFixed(2)}, batched ${batched.msPerBranch.toFixed(2)} ms/branch, ` +
        `ratio ${(batched.msPerBranch / raw.msPerBranch).toFixed(2)}, peak memory ${batched.maxRssMiB.toFixed(0)} MiB, ` +
        `heap in use at the end ${batched.heapMiB.toFixed(1)} MiB`,
    );
    return batched;
  });
  const growth = (sizes.at(-1)?.maxRssMiB ?? Number.NaN) / (sizes[0]?.maxRssMiB ?? Number.NaN);
  say(`  peak memory, largest / smallest  ${growth.toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Summary {
  readonly msPerBranch: number;
  readonly maxRssMiB: number;
  readonly heapMiB: number;
  readonly landed: number;
  readonly branches: number;
}

/** Runs the arms one after another, several times, so that they share what the machine does meanwhile. */
function rounds<Arm extends string>(once: () => Record<Arm, Measurement>): Record<Arm, Summary> {
  const all = Array.from({ length: ROUNDS }, once);
  const names = Object.keys(all[0] ?? {}) as Arm[];
  return Object.fromEntries(
    names.map((name) => {
      const runs = all.map((round) => round[name]);
      const [first] = runs;
      return [
        name,
        {
          msPerBranch: median(runs.map(({ ms, branches }) => ms / branches)),
          maxRssMiB: median(runs.map(({ maxRssMiB }) => maxRssMiB)),
          heapMiB: median(runs.map(({ heapMiB }) => heapMiB)),
          landed: first?.landed ?? 0,
          branches: first?.branches ?? 0,
        },
      ];
    }),
  ) as Record<Arm, Summary>;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
