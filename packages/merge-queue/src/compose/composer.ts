import type { Clock, CommitSha, ResolvedPath } from '@agentswarm/core';
import type { HeadFacts } from '@agentswarm/git';
import type { QueueEntry } from '../entry/queue-entry.ts';
import type { LandingRepository } from '../repository/landing-repository.ts';
import type { Resolvers } from '../resolve/resolvers.ts';
import type { Composition, Link, Misfit } from './composition.ts';
import type { HeadFactsCache } from './head-facts.ts';
import { writeMerge, writeRebased, type LandingStrategy } from './write-landing.ts';

export interface ComposerOptions {
  readonly repository: LandingRepository;
  readonly facts: HeadFactsCache;
  readonly strategy: LandingStrategy;
  readonly resolvers: Resolvers;
  /** Whether resolvers that take longer may still be asked about a ticket. */
  readonly mayAskAside: (ticket: string) => boolean;
  readonly clock: Clock;
}

export interface ComposeRequest {
  readonly entries: readonly QueueEntry[];
  readonly tip: CommitSha;
  /** What the entries are brought onto: the tip, or the end of what stands before them in line. */
  readonly onto: { readonly commit: CommitSha; readonly tree: CommitSha };
  /** What stands between the tip and `onto`. */
  readonly before: readonly Link[];
  /** Tickets that have landed. */
  readonly landed: ReadonlySet<string>;
}

export interface Composed {
  readonly composition: Composition;
  readonly misfits: readonly Misfit[];
}

/** What is known while a chain grows. */
interface Chain {
  commit: CommitSha;
  tree: CommitSha;
  /** Commits of branches in the chain that are not on the tip. */
  readonly commits: Set<CommitSha>;
  readonly tickets: Set<string>;
}

/** Brings branches onto the target, in the object database only. */
export class Composer {
  readonly #options: ComposerOptions;

  constructor(options: ComposerOptions) {
    this.#options = options;
  }

  /** Brings entries onto a commit in order; those that do not fit are left out. */
  async compose(request: ComposeRequest): Promise<Composed> {
    const { facts } = this.#options;
    const { tip, onto, before, entries } = request;
    await facts.load(
      tip,
      entries.map(({ head }) => head),
    );
    const chain: Chain = { ...onto, commits: new Set(), tickets: new Set(request.landed) };
    for (const { entry } of before) await this.#extend(chain, entry, tip);
    const links: Link[] = [];
    const misfits: Misfit[] = [];
    for (const entry of entries) {
      const placed = await this.#place(entry, chain, tip);
      if ('kind' in placed) {
        misfits.push(placed);
        continue;
      }
      links.push(placed);
      chain.commit = placed.commit;
      chain.tree = placed.tree;
      await this.#extend(chain, entry, tip);
    }
    const composition = {
      onto: onto.commit,
      ontoTree: onto.tree,
      links,
      tickets: [...before, ...links].map(({ entry }) => entry.ticket),
      end: chain.commit,
      tree: chain.tree,
    };
    return { composition, misfits };
  }

  /** Asks the resolvers that take longer about an entry and the tip; what they say is remembered for composing. */
  async resolveAside(entry: QueueEntry, tip: CommitSha, signal: AbortSignal): Promise<void> {
    const { repository, facts, resolvers } = this.#options;
    const base = soleFrontier(await facts.of(tip, entry.head));
    const merge = { onto: tip, head: entry.head, ...(base === undefined ? {} : { base }) };
    await resolvers.aside({ ...merge, entry, merged: await repository.merge(merge) }, signal);
  }

  async #extend(chain: Chain, entry: QueueEntry, tip: CommitSha): Promise<void> {
    chain.tickets.add(entry.ticket);
    for (const commit of (await this.#options.facts.of(tip, entry.head)).commits) chain.commits.add(commit);
  }

  async #place(entry: QueueEntry, chain: Chain, tip: CommitSha): Promise<Link | Misfit> {
    const facts = await this.#options.facts.of(tip, entry.head);
    if (facts.relation === 'contained') return { entry, kind: 'landed', commit: tip };
    if (facts.relation !== 'ahead') return refusalOf(entry, facts);
    if (!(entry.after ?? []).every((ticket) => chain.tickets.has(ticket))) return { entry, kind: 'deferred' };
    // Rewritten commits do not make a head an ancestor: there, every head gets trailers of its own.
    if (this.#options.strategy !== 'rebase' && chain.commits.has(entry.head)) {
      return { entry, commit: chain.commit, tree: chain.tree, resolved: [] };
    }
    if (this.#options.strategy === 'fast-forward')
      return await this.#fastForward(entry, facts, { chain, tip });
    return await this.#merge(entry, facts, { chain, tip });
  }

  async #fastForward(
    entry: QueueEntry,
    facts: HeadFacts,
    { chain, tip }: { readonly chain: Chain; readonly tip: CommitSha },
  ): Promise<Link | Misfit> {
    const descends = facts.frontier.length === 1 && facts.frontier[0] === tip;
    if (descends && (chain.commit === tip || facts.commits.includes(chain.commit))) {
      const tree = await this.#options.repository.treeOf(entry.head);
      return { entry, commit: entry.head, tree, resolved: [] };
    }
    if (chain.commit !== tip) return { entry, kind: 'deferred' };
    const message = `its head ${entry.head.slice(0, 12)} does not descend from the target's ${tip.slice(0, 12)}`;
    return { entry, kind: 'refused', reason: 'not_fast_forward', message };
  }

  async #merge(
    entry: QueueEntry,
    facts: HeadFacts,
    { chain, tip }: { readonly chain: Chain; readonly tip: CommitSha },
  ): Promise<Link | Misfit> {
    const { repository, resolvers } = this.#options;
    const onto = chain.commit;
    const base = facts.commits.some((commit) => chain.commits.has(commit)) ? undefined : soleFrontier(facts);
    const merge = { onto, head: entry.head, ...(base === undefined ? {} : { base }) };
    const merged = await repository.merge(merge);
    const resolution = await resolvers.inline({ ...merge, entry, merged });
    const { tree, resolved, remaining, asked } = resolution;
    const wait = resolution.asideCouldHelp && this.#options.mayAskAside(entry.ticket);
    if (remaining.length === 0 && !wait) return await this.#link(entry, facts, { chain, tree, resolved });
    if (onto !== tip) return await this.#misfitOnChain(entry, facts, tip);
    return wait
      ? { entry, kind: 'resolvable', paths: asked }
      : { entry, kind: 'conflicted', conflicts: remaining };
  }

  /** What does not fit the chain may need a resolver all the same: work on it begins while the chain is judged. */
  async #misfitOnChain(entry: QueueEntry, facts: HeadFacts, tip: CommitSha): Promise<Misfit> {
    const { repository, resolvers, mayAskAside } = this.#options;
    const base = soleFrontier(facts);
    const merge = { onto: tip, head: entry.head, ...(base === undefined ? {} : { base }) };
    const onTip = await resolvers.inline({ ...merge, entry, merged: await repository.merge(merge) });
    return onTip.asideCouldHelp && mayAskAside(entry.ticket)
      ? { entry, kind: 'resolvable', paths: onTip.asked }
      : { entry, kind: 'deferred' };
  }

  async #link(
    entry: QueueEntry,
    facts: HeadFacts,
    {
      chain,
      tree,
      resolved,
    }: { readonly chain: Chain; readonly tree: CommitSha; readonly resolved: readonly ResolvedPath[] },
  ): Promise<Link> {
    const { repository, strategy, clock } = this.#options;
    const write = strategy === 'rebase' ? writeRebased : writeMerge;
    const commit = await write(repository, {
      entry,
      facts,
      tree,
      resolved,
      onto: chain.commit,
      ontoTree: chain.tree,
      dateMs: clock.nowMs(),
    });
    return { entry, commit, tree, resolved };
  }
}

/** The only merge base of a head with the tip, when there is only one. */
export function soleFrontier({ frontier }: HeadFacts): CommitSha | undefined {
  return frontier.length === 1 ? frontier[0] : undefined;
}

function refusalOf(entry: QueueEntry, { relation, head }: HeadFacts): Misfit {
  return relation === 'missing'
    ? { entry, kind: 'refused', reason: 'missing_commit', message: `commit ${head} is not in the repository` }
    : {
        entry,
        kind: 'refused',
        reason: 'unrelated_history',
        message: 'it has no history in common with the target',
      };
}
