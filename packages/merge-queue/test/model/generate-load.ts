import { BranchNameSchema, type CommitSha, type QueueEvent } from '@agentswarm/core';
import type { Submission } from '@agentswarm/merge-queue';
import type { ModelFiles } from './memory-store.ts';
import { seededRandom } from './seeded-random.ts';

/** What a branch of a load is. */
export type BranchKind = 'good' | 'flaky' | 'breaker' | 'pair' | 'conflict';

export interface LoadBranch {
  readonly ticket: string;
  readonly kind: BranchKind;
  readonly files: ModelFiles;
  readonly owner: string;
  readonly priority: number;
  readonly after: readonly string[];
  readonly arrivesAtMs: number;
  /** The other branch of a pair, or of a conflict. */
  readonly rival?: string;
}

export interface LoadOptions {
  readonly seed: number;
  readonly count: number;
  readonly perHour: number;
  readonly owners?: number;
  /** Share of branches that come after an earlier one. Default 0.03. */
  readonly afterShare?: number;
}

/**
 * Branches as a swarm makes them: 10 % break the gate alone, 5 % break it with another one, 20 % write
 * a file another one writes, 2 % have a flaky test. They arrive by chance (Poisson), and what belongs
 * together arrives near each other.
 */
export function generateLoad(options: LoadOptions): readonly LoadBranch[] {
  const { seed, count, perHour, owners = 12, afterShare = 0.03 } = options;
  const random = seededRandom(seed);
  const kinds = shuffled(kindsOf(count), random);
  const open = new Map<BranchKind, string>();
  const rivals = new Map<string, string>();
  const group = new Map<string, string>();
  const tickets = kinds.map((kind, index) => `${kind}-${index}`);
  for (const [index, kind] of kinds.entries()) {
    if (kind !== 'pair' && kind !== 'conflict') continue;
    const ticket = tickets[index] ?? '';
    const first = open.get(kind);
    if (first === undefined) open.set(kind, ticket);
    else {
      open.delete(kind);
      rivals.set(ticket, first).set(first, ticket);
      group.set(ticket, first).set(first, first);
    }
  }
  let nowMs = 0;
  return kinds.map((kind, index) => {
    const ticket = tickets[index] ?? '';
    nowMs += (-Math.log(1 - random()) * 3_600_000) / perHour;
    const dependsOn = random() < afterShare && index > 0 ? tickets[Math.floor(random() * index)] : undefined;
    const rival = rivals.get(ticket);
    return {
      ticket,
      kind,
      files: filesOf(kind, ticket, group.get(ticket)),
      owner: `owner-${Math.floor(random() ** 2 * owners)}`,
      priority: random() < 0.1 ? 1 : random() < 0.5 ? 5 : 6,
      after: dependsOn === undefined ? [] : [dependsOn],
      arrivesAtMs: nowMs,
      ...(rival === undefined ? {} : { rival }),
    };
  });
}

/** What is handed to the queue. */
export function submissionOf(branch: LoadBranch, head: CommitSha): Submission {
  const { ticket, owner, priority, after } = branch;
  return {
    ticket,
    branch: BranchNameSchema.parse(`worker/${ticket}`),
    head,
    priority,
    owner,
    ...(after.length === 0 ? {} : { after }),
  };
}

/** How each ticket ended: the type of its event. */
export type Outcomes = ReadonlyMap<string, QueueEvent['type']>;

/** Whether nothing about a branch stands against its landing, given what landed. */
export function isInnocent(branch: LoadBranch, outcomes: Outcomes): boolean {
  const landed = (ticket: string) => outcomes.get(ticket) === 'branch_landed';
  if (branch.kind === 'breaker') return false;
  if (branch.rival !== undefined && landed(branch.rival) && !landed(branch.ticket)) return false;
  return branch.after.every(landed);
}

function kindsOf(count: number): BranchKind[] {
  const even = (share: number) => 2 * Math.round((count * share) / 2);
  const wanted: readonly (readonly [BranchKind, number])[] = [
    ['breaker', Math.round(count * 0.1)],
    ['pair', even(0.05)],
    ['conflict', even(0.2)],
    ['flaky', Math.round(count * 0.02)],
  ];
  const kinds = wanted.flatMap(([kind, share]) => Array.from({ length: share }, () => kind));
  return [...kinds, ...Array.from({ length: count - kinds.length }, (): BranchKind => 'good')];
}

function filesOf(kind: BranchKind, ticket: string, group: string | undefined): ModelFiles {
  const own = { [`src/${ticket}`]: ticket };
  switch (kind) {
    case 'breaker':
      return { ...own, [`breaker-${ticket}`]: '' };
    case 'conflict':
      return group === undefined ? own : { ...own, [`hot-${group}`]: ticket };
    case 'pair':
      return group === undefined ? own : { ...own, [`pair-${group}-${group === ticket ? 'a' : 'b'}`]: '' };
    case 'good':
    case 'flaky':
      return own;
  }
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
