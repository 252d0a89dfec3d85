import type { Clock, CommitSha } from '@agentswarm/core';
import type { Gate, GateRequest, GateVerdict } from '@agentswarm/merge-queue';
import { seededRandom } from './seeded-random.ts';

/** What a tree's files say: `breaker-*` and both halves of a `pair-<id>-(a|b)` are red, `cannot-run*` gives no answer. */
export function scriptedVerdict(paths: Iterable<string>): GateVerdict['kind'] {
  const halves = new Set<string>();
  let red = false;
  for (const path of paths) {
    if (path.startsWith('cannot-run')) return 'could_not_run';
    red ||= path.startsWith('breaker-');
    const [, pair, half] = /^pair-(.+)-([ab])$/.exec(path) ?? [];
    if (pair === undefined) continue;
    red ||= halves.has(`${pair}-${half === 'a' ? 'b' : 'a'}`);
    halves.add(`${pair}-${half}`);
  }
  return red ? 'fail' : 'pass';
}

export interface ScriptedGateOptions {
  readonly clock: Clock;
  readonly pathsOf: (commit: CommitSha) => Iterable<string>;
  readonly seed: number;
  /** Of a run, ±20 %. */
  readonly durationMs: number;
  /** How often a run fails that has a `flaky-<ticket>` of one of its own tickets in it: one that has landed is known. */
  readonly flakeRate?: number;
  /** Whether runs that end now come to no answer. */
  readonly isDown?: (nowMs: number) => boolean;
}

export interface ScriptedRun {
  readonly tree: CommitSha;
  readonly tickets: readonly string[];
  readonly startedMs: number;
  readonly endedMs: number;
  readonly verdict: GateVerdict['kind'] | 'aborted';
}

/** A gate in virtual time whose verdict is a function of the tree, apart from flakes and outages. */
export class ScriptedGate implements Gate {
  readonly runs: ScriptedRun[] = [];
  mostAtOnce = 0;
  #running = 0;
  readonly #options: ScriptedGateOptions;
  readonly #random: () => number;
  readonly #known = new Map<CommitSha, GateVerdict['kind']>();

  constructor(options: ScriptedGateOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  /** Trees a run of this gate passed. */
  get passed(): ReadonlySet<CommitSha> {
    return new Set(this.runs.filter(({ verdict }) => verdict === 'pass').map(({ tree }) => tree));
  }

  async run({ commit, tree, tickets, signal }: GateRequest): Promise<GateVerdict> {
    const { clock, durationMs } = this.#options;
    const startedMs = clock.nowMs();
    this.#running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running);
    let verdict: ScriptedRun['verdict'] = 'aborted';
    try {
      await clock.sleep(durationMs * (0.8 + 0.4 * this.#random()), signal);
      verdict = this.#decide(commit, { tree, tickets });
      return verdict === 'pass' ? { kind: verdict } : { kind: verdict, failure: failureOf(verdict) };
    } finally {
      this.#running -= 1;
      this.runs.push({ tree, tickets, startedMs, endedMs: clock.nowMs(), verdict });
    }
  }

  #decide(commit: CommitSha, { tree, tickets }: Pick<ScriptedRun, 'tree' | 'tickets'>): GateVerdict['kind'] {
    const { clock, pathsOf, flakeRate = 0, isDown } = this.#options;
    if (isDown?.(clock.nowMs()) === true) return 'could_not_run';
    const known = this.#known.get(tree) ?? scriptedVerdict(pathsOf(commit));
    this.#known.set(tree, known);
    if (known !== 'pass' || flakeRate === 0) return known;
    const flaky = tickets.filter((ticket) => ticket.startsWith('flaky'));
    return flaky.some(() => this.#random() < flakeRate) ? 'fail' : 'pass';
  }
}

function failureOf(verdict: 'fail' | 'could_not_run') {
  return verdict === 'fail'
    ? { command: 'scripted', exitCode: 1, outputTail: '' }
    : { command: 'scripted', problem: 'no answer', outputTail: '' };
}
