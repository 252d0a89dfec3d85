import type { CommitSha } from '@agentswarm/core';
import { oneAtATime } from '../one-at-a-time.ts';
import { MergeProbe, type ProbedHead, type RadarSession } from './merge-probe.ts';

/** Two heads in flight that do not merge; `a` sorts before `b`. */
export interface ConflictingPair {
  readonly a: string;
  readonly b: string;
  /** Sorted, never empty. */
  readonly paths: readonly string[];
}

/** How a head would fare. */
export interface RadarReading {
  readonly target:
    | { readonly kind: 'clean' }
    /** Paths are sorted and never empty. */
    | { readonly kind: 'conflicting'; readonly paths: readonly string[] }
    /** No history in common, or no such commit. */
    | { readonly kind: 'unmergeable' };
  /** The heads in flight it does not merge with, by ticket. */
  readonly inFlight: readonly { readonly ticket: string; readonly paths: readonly string[] }[];
  /** What to build on next: what it is built on already while it merges with the target, else the target's tip. */
  readonly suggestedBase: CommitSha;
}

/** A branch that is being worked on. */
export interface InFlightBranch {
  readonly ticket: string;
  readonly head: CommitSha;
}

export interface RadarCall {
  /** Aborting rejects and leaves the radar as it was; at most a few merges are finished in vain. */
  readonly signal?: AbortSignal;
}

/**
 * Knows which of the heads in flight are in each other's way, and in the target's. Calls are worked off
 * in order; one that fails changes nothing.
 */
export interface Radar {
  /** Moves the target: compares every head with the new tip, and no head with another. */
  setTarget(tip: CommitSha, call?: RadarCall): Promise<void>;
  /** Takes a head in, in place of the ticket's earlier one: compares it with every other head. */
  add(branch: InFlightBranch, call?: RadarCall): Promise<void>;
  /** Forgets a ticket; false when it was not in flight. Costs nothing. */
  remove(ticket: string): Promise<boolean>;
  /** Tells about a head without taking it in. */
  check(head: CommitSha, call?: RadarCall): Promise<RadarReading>;
  /** All pairs that do not merge, sorted by ticket. */
  matrix(): readonly ConflictingPair[];
}

export interface RadarOptions {
  readonly session: RadarSession;
  readonly target: CommitSha;
}

/** Makes a radar with nothing in flight. */
export function createRadar(options: RadarOptions): Radar {
  return new PairwiseRadar(options);
}

/** Conflicted paths with the heads of other tickets; without those it merges with. */
type Row = ReadonlyMap<string, readonly string[]>;

class PairwiseRadar implements Radar {
  readonly #probe: MergeProbe;
  readonly #heads = new Map<string, ProbedHead>();
  readonly #rows = new Map<string, Map<string, readonly string[]>>();
  #tip: CommitSha;
  readonly #oneAtATime = oneAtATime();

  constructor({ session, target }: RadarOptions) {
    this.#probe = new MergeProbe(session);
    this.#tip = target;
  }

  setTarget(tip: CommitSha, { signal }: RadarCall = {}): Promise<void> {
    return this.#inTurn(signal, async () => {
      const entries = [...this.#heads];
      const heads = entries.map(([, { head }]) => head);
      const probed = await this.#probe.look(tip, heads, signal);
      for (const [index, [ticket, known]] of entries.entries())
        this.#heads.set(ticket, probed[index] ?? known);
      this.#tip = tip;
    });
  }

  add({ ticket, head }: InFlightBranch, { signal }: RadarCall = {}): Promise<void> {
    return this.#inTurn(signal, async () => {
      const probed = await this.#lookAt(head, signal);
      const row = await this.#rowOf(probed, ticket, signal);
      this.#forget(ticket);
      this.#heads.set(ticket, probed);
      this.#rows.set(ticket, new Map(row));
      for (const [other, paths] of row) this.#rows.get(other)?.set(ticket, paths);
    });
  }

  remove(ticket: string): Promise<boolean> {
    return this.#inTurn(undefined, () => Promise.resolve(this.#forget(ticket)));
  }

  check(head: CommitSha, { signal }: RadarCall = {}): Promise<RadarReading> {
    return this.#inTurn(signal, async () => {
      const [known] = [...this.#heads].find(([, entry]) => entry.head === head) ?? [];
      const probed = await this.#lookAt(head, signal);
      const row = this.#rows.get(known ?? '') ?? (await this.#rowOf(probed, '', signal));
      const target = standingOf(probed);
      return {
        target,
        inFlight: [...row]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([ticket, paths]) => ({ ticket, paths })),
        suggestedBase: target.kind === 'clean' ? (probed.fork?.base ?? this.#tip) : this.#tip,
      };
    });
  }

  matrix(): readonly ConflictingPair[] {
    const sorted = [...this.#rows.keys()].toSorted();
    return sorted.flatMap((a) =>
      sorted.flatMap((b) => {
        const paths = this.#rows.get(a)?.get(b);
        return a < b && paths !== undefined ? [{ a, b, paths }] : [];
      }),
    );
  }

  /** Pairs are always merged in the order of their tickets: which side is whose may show in the paths. */
  async #rowOf(probed: ProbedHead, ticket: string, signal: AbortSignal | undefined): Promise<Row> {
    const others = [...this.#heads].filter(([other]) => other !== ticket);
    const pairs = others.map(([other, head]) =>
      other < ticket ? ([head, probed] as const) : ([probed, head] as const),
    );
    const answers = await this.#probe.betweenHeads(pairs, signal);
    return new Map(
      others
        .map(([other], index) => [other, answers[index] ?? []] as const)
        .filter(([, paths]) => paths.length > 0),
    );
  }

  async #lookAt(head: CommitSha, signal: AbortSignal | undefined): Promise<ProbedHead> {
    const [probed] = await this.#probe.look(this.#tip, [head], signal);
    return probed ?? { head, relation: 'missing', own: new Set(), target: [] };
  }

  #forget(ticket: string): boolean {
    for (const other of this.#rows.get(ticket)?.keys() ?? []) this.#rows.get(other)?.delete(ticket);
    this.#rows.delete(ticket);
    return this.#heads.delete(ticket);
  }

  #inTurn<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return this.#oneAtATime(async () => {
      signal?.throwIfAborted();
      return await work();
    });
  }
}

function standingOf({ relation, target }: ProbedHead): RadarReading['target'] {
  if (relation === 'missing' || relation === 'unrelated') return { kind: 'unmergeable' };
  return target.length === 0 ? { kind: 'clean' } : { kind: 'conflicting', paths: target };
}
