import type { CommitSha } from '@agentswarm/core';
import type { GitSession, HeadFacts } from '@agentswarm/git';

/** A branch that is being worked on. */
export interface InFlightBranch {
  readonly ticket: string;
  readonly head: CommitSha;
}

/** What a head would meet. */
export interface RadarReading {
  readonly target:
    | { readonly kind: 'clean' }
    | { readonly kind: 'conflicting'; readonly paths: readonly string[] }
    /** No common history, or no such commit. */
    | { readonly kind: 'unmergeable' };
  /** Branches in flight it conflicts with, in the order they were added. */
  readonly inFlight: readonly { readonly ticket: string; readonly paths: readonly string[] }[];
  /** The commit to refresh the branch from: the target it was compared with. */
  readonly suggestedBase: CommitSha;
}

/** Two branches in flight that conflict; `a` was added first. */
export interface ConflictingPair {
  readonly a: string;
  readonly b: string;
  readonly paths: readonly string[];
}

/** Tells early which branches will meet in which paths. Nothing is written but objects. */
export interface Radar {
  /** The target moved: what is known of pairs stays, what is known of the target is asked anew. */
  setTarget(tip: CommitSha): void;
  /** Adds a branch, or gives one a new head: compares it with every other, and nothing else. */
  add(branch: InFlightBranch): Promise<void>;
  remove(ticket: string): void;
  /** Compares any head with the target and with every branch in flight. */
  check(head: CommitSha): Promise<RadarReading>;
  /** All pairs in flight that conflict. */
  matrix(): readonly ConflictingPair[];
}

/**
 * Makes a radar. Pairs are merged in memory by one long-lived process; a branch is compared with the
 * others once, when it is added.
 */
export function createRadar(options: {
  readonly session: GitSession;
  readonly target: CommitSha;
  readonly signal?: AbortSignal;
}): Radar {
  return new SessionRadar(options.session, options.target, options.signal);
}

interface Tracked extends InFlightBranch {
  readonly facts: HeadFacts;
}

class SessionRadar implements Radar {
  readonly #session: GitSession;
  readonly #signal: AbortSignal | undefined;
  readonly #branches = new Map<string, Tracked>();
  /** Paths in conflict by the later ticket of a pair, then by the earlier one. */
  readonly #rows = new Map<string, Map<string, readonly string[]>>();
  #target: CommitSha;

  constructor(session: GitSession, target: CommitSha, signal: AbortSignal | undefined) {
    this.#session = session;
    this.#target = target;
    this.#signal = signal;
  }

  setTarget(tip: CommitSha): void {
    this.#target = tip;
  }

  async add({ ticket, head }: InFlightBranch): Promise<void> {
    this.remove(ticket);
    const facts = await this.#factsOf(head);
    const row = await this.#rowOf({ ticket, head, facts });
    this.#branches.set(ticket, { ticket, head, facts });
    this.#rows.set(ticket, row);
  }

  remove(ticket: string): void {
    this.#branches.delete(ticket);
    this.#rows.delete(ticket);
    for (const row of this.#rows.values()) row.delete(ticket);
  }

  async check(head: CommitSha): Promise<RadarReading> {
    const facts = await this.#factsOf(head);
    const suggestedBase = this.#target;
    if (facts.relation === 'unrelated' || facts.relation === 'missing') {
      return { target: { kind: 'unmergeable' }, inFlight: [], suggestedBase };
    }
    const base = soleFrontier(facts);
    const merge = { ours: this.#target, theirs: head, ...(base === undefined ? {} : { base }) };
    const merged = await this.#session.merge(merge);
    const row = await this.#rowOf({ ticket: '', head, facts });
    return {
      target:
        merged.kind === 'clean'
          ? { kind: 'clean' }
          : { kind: 'conflicting', paths: merged.conflicts.map(({ path }) => path) },
      inFlight: [...row].map(([ticket, paths]) => ({ ticket, paths })),
      suggestedBase,
    };
  }

  matrix(): readonly ConflictingPair[] {
    return [...this.#rows].flatMap(([b, row]) => [...row].map(([a, paths]) => ({ a, b, paths })));
  }

  async #factsOf(head: CommitSha): Promise<HeadFacts> {
    const [facts] = await this.#session.relate(this.#target, [head]);
    return facts ?? { head, relation: 'missing', commits: [], frontier: [] };
  }

  /** Compares a branch with every other in flight. */
  async #rowOf(branch: Tracked): Promise<Map<string, readonly string[]>> {
    this.#signal?.throwIfAborted();
    // All asked at once: the process answers without waiting for us in between.
    const others = [...this.#branches.values()];
    const found = await Promise.all(others.map((other) => this.#conflictsOf(other, branch)));
    const pairs = others.map(({ ticket }, index) => [ticket, found[index] ?? []] as const);
    return new Map(pairs.filter(([, paths]) => paths.length > 0));
  }

  async #conflictsOf(a: Tracked, b: Tracked): Promise<readonly string[]> {
    if (a.facts.relation !== 'ahead' || b.facts.relation !== 'ahead' || a.head === b.head) return [];
    const base = commonBase(a.facts, b.facts);
    const merge = { ours: a.head, theirs: b.head, ...(base === undefined ? {} : { base }) };
    const merged = await this.#session.merge(merge);
    return merged.kind === 'clean' ? [] : merged.conflicts.map(({ path }) => path);
  }
}

/** The only merge base of two heads that were forked at the same commit and share none of their own. */
function commonBase(a: HeadFacts, b: HeadFacts): CommitSha | undefined {
  const [base, other] = [soleFrontier(a), soleFrontier(b)];
  if (base === undefined || base !== other) return undefined;
  const own = new Set(a.commits);
  return b.commits.some((commit) => own.has(commit)) ? undefined : base;
}

function soleFrontier({ frontier }: HeadFacts): CommitSha | undefined {
  return frontier.length === 1 ? frontier[0] : undefined;
}
