import type { CommitSha } from '@agentswarm/core';
import { commitTree, mergeBase, mergeTrees, resolveRef, type Identity } from '@agentswarm/git';
import type { QueueEntry } from './queue-entry.ts';

/** One merge of a chain that may become main. */
export interface ChainLink {
  readonly entry: QueueEntry;
  /** First parent: the link before, or the tip; second parent: the head of the entry. */
  readonly commit: CommitSha;
  readonly tree: CommitSha;
}

/** What came of merging entries, one after another, on a tip. */
export interface Composition {
  readonly chain: readonly ChainLink[];
  /** Already reachable from the tip. */
  readonly contained: readonly QueueEntry[];
  /** In conflict with the tip itself. */
  readonly conflicted: readonly { readonly entry: QueueEntry; readonly files: readonly string[] }[];
  /** In conflict only with an earlier entry of the chain, which may not land: to be judged later. */
  readonly deferred: readonly QueueEntry[];
  /** Not mergeable with anything. */
  readonly unmergeable: readonly { readonly entry: QueueEntry; readonly problem: string }[];
}

export interface ComposeOptions {
  readonly repository: string;
  readonly tip: CommitSha;
  readonly entries: readonly QueueEntry[];
  readonly identity: Identity;
  readonly dateMs: number;
  readonly signal: AbortSignal;
}

type Placement =
  | { readonly kind: 'linked'; readonly link: ChainLink }
  | { readonly kind: 'contained' }
  | { readonly kind: 'conflicted'; readonly files: readonly string[] }
  | { readonly kind: 'deferred' }
  | { readonly kind: 'unmergeable'; readonly problem: string };

/** Merges the entries in order, in the object database only. */
export async function compose(options: ComposeOptions): Promise<Composition> {
  const chain: ChainLink[] = [];
  const contained: QueueEntry[] = [];
  const conflicted: { entry: QueueEntry; files: readonly string[] }[] = [];
  const deferred: QueueEntry[] = [];
  const unmergeable: { entry: QueueEntry; problem: string }[] = [];
  for (const entry of options.entries) {
    const placement = await place(options, entry, chain.at(-1)?.commit ?? options.tip);
    if (placement.kind === 'linked') chain.push(placement.link);
    else if (placement.kind === 'contained') contained.push(entry);
    else if (placement.kind === 'conflicted') conflicted.push({ entry, files: placement.files });
    else if (placement.kind === 'deferred') deferred.push(entry);
    else unmergeable.push({ entry, problem: placement.problem });
  }
  return { chain, contained, conflicted, deferred, unmergeable };
}

async function place(options: ComposeOptions, entry: QueueEntry, onto: CommitSha): Promise<Placement> {
  const { repository, tip, signal } = options;
  const on = { repository, signal };
  if ((await resolveRef({ ...on, ref: entry.head })) !== entry.head) {
    return { kind: 'unmergeable', problem: `commit ${entry.head} is not in the repository` };
  }
  const base = await mergeBase({ ...on, a: entry.head, b: tip });
  if (base === entry.head) return { kind: 'contained' };
  if (base === undefined)
    return { kind: 'unmergeable', problem: 'it has no history in common with the target' };
  const merged = await mergeTrees({ ...on, ours: onto, theirs: entry.head });
  if (merged.kind === 'clean') {
    const { tree } = merged;
    const commit = await commitTree({
      ...on,
      tree,
      parents: [onto, entry.head],
      message: mergeMessage(entry, tree),
      author: options.identity,
      dateMs: options.dateMs,
    });
    return { kind: 'linked', link: { entry, commit, tree } };
  }
  if (onto === tip) return merged;
  const alone = await mergeTrees({ ...on, ours: tip, theirs: entry.head });
  return alone.kind === 'clean' ? { kind: 'deferred' } : alone;
}

function mergeMessage({ branch, ticket, head }: QueueEntry, tree: CommitSha): string {
  return `Merge ${branch}\n\nMq-Ticket: ${ticket}\nMq-Head: ${head}\nMq-Tree: ${tree}\n`;
}
