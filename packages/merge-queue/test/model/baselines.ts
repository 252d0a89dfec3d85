import type { LoadBranch } from './generate-load.ts';
import { scriptedVerdict } from './scripted-gate.ts';
import { seededRandom } from './seeded-random.ts';

export interface BaselineOptions {
  readonly load: readonly LoadBranch[];
  readonly seed: number;
  readonly gateMs: number;
  readonly flakeRate: number;
}

export interface BaselineResult {
  readonly landed: number;
  readonly tookMs: number;
  readonly gateRuns: number;
}

/** What both baselines do the same: one gate at a time on a target that is a set of paths. */
class Baseline {
  readonly #options: BaselineOptions;
  readonly #random: () => number;
  readonly #target = new Set<string>();
  readonly #outcomes = new Map<string, 'landed' | 'lost'>();
  #waiting: readonly LoadBranch[];
  nowMs = 0;
  #gateRuns = 0;

  constructor(options: BaselineOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#waiting = options.load;
  }

  /** Up to `most` of those that have arrived, in order of arrival; time passes until there is one. Empty at the end. */
  take(most: number): readonly LoadBranch[] {
    const [first] = this.#waiting;
    if (first === undefined) return [];
    this.nowMs = Math.max(this.nowMs, first.arrivesAtMs);
    const taken = this.#waiting.filter(({ arrivesAtMs }) => arrivesAtMs <= this.nowMs).slice(0, most);
    this.#waiting = this.#waiting.slice(taken.length);
    return taken;
  }

  /** Those that merge one after another; the others are lost. */
  merge(branches: readonly LoadBranch[]): readonly LoadBranch[] {
    const hot = new Set([...this.#target].filter((path) => path.startsWith('hot-')));
    return branches.filter((branch) => {
      const paths = Object.keys(branch.files).filter((path) => path.startsWith('hot-'));
      const isReady = branch.after.every((ticket) => this.#outcomes.get(ticket) !== 'lost');
      const merges = isReady && !paths.some((path) => hot.has(path));
      if (merges) for (const path of paths) hot.add(path);
      else this.#outcomes.set(branch.ticket, 'lost');
      return merges;
    });
  }

  isGreen(branches: readonly LoadBranch[]): boolean {
    const { gateMs, flakeRate } = this.#options;
    this.#gateRuns += 1;
    this.nowMs += gateMs * (0.8 + 0.4 * this.#random());
    const paths = [...this.#target, ...branches.flatMap(({ files }) => Object.keys(files))];
    const flaked = branches.filter(({ kind }) => kind === 'flaky').some(() => this.#random() < flakeRate);
    return !flaked && scriptedVerdict(paths) === 'pass';
  }

  land(branches: readonly LoadBranch[]): void {
    for (const { files, ticket } of branches) {
      for (const path of Object.keys(files)) this.#target.add(path);
      this.#outcomes.set(ticket, 'landed');
    }
  }

  lose(branches: readonly LoadBranch[]): void {
    for (const { ticket } of branches) this.#outcomes.set(ticket, 'lost');
  }

  get result(): BaselineResult {
    const landed = [...this.#outcomes.values()].filter((outcome) => outcome === 'landed').length;
    return { landed, tookMs: this.nowMs, gateRuns: this.#gateRuns };
  }
}

/** One branch at a time, in order of arrival; red twice is lost. */
export function runSerially(options: BaselineOptions): BaselineResult {
  const baseline = new Baseline(options);
  for (let taken = baseline.take(1); taken.length > 0; taken = baseline.take(1)) {
    const merged = baseline.merge(taken);
    if (merged.length === 0) continue;
    if (baseline.isGreen(merged) || baseline.isGreen(merged)) baseline.land(merged);
    else baseline.lose(merged);
  }
  return baseline.result;
}

/** One batch at a time, halved when it is red, as bors-ng does it; one branch that is red twice is lost. */
export function runHalving(options: BaselineOptions, maxBatch: number): BaselineResult {
  const baseline = new Baseline(options);
  for (let taken = baseline.take(maxBatch); taken.length > 0; taken = baseline.take(maxBatch)) {
    const parts = [taken];
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const merged = baseline.merge(part);
      if (merged.length === 0) continue;
      const isGreen = baseline.isGreen(merged) || (merged.length === 1 && baseline.isGreen(merged));
      const middle = Math.ceil(merged.length / 2);
      if (isGreen) baseline.land(merged);
      else if (merged.length === 1) baseline.lose(merged);
      else parts.unshift(merged.slice(0, middle), merged.slice(middle));
    }
  }
  return baseline.result;
}
