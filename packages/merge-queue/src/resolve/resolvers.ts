import { silentLogger, type CommitSha, type Logger, type ResolvedPath } from '@agentswarm/core';
import type { PathConflict } from '@agentswarm/git';
import type { LandingRepository } from '../repository/landing-repository.ts';
import type { ConflictResolver, MergeIntents, ResolutionRequest } from './conflict-resolver.ts';
import type { MergeAttempt } from './merge-attempt.ts';
import { collectIntents } from './merge-intents.ts';
import { createResolutionCache } from './resolution-cache.ts';
import { resolveConflicts } from './resolve-conflicts.ts';

/** A merge after the resolvers. */
export interface MergeResolution {
  readonly tree: CommitSha;
  readonly resolved: readonly ResolvedPath[];
  /** Paths nobody could decide. */
  readonly remaining: readonly PathConflict[];
  /** A resolver that takes longer has not been asked yet, about these paths. */
  readonly asideCouldHelp: boolean;
  /** Paths the resolvers were asked about. */
  readonly asked: readonly string[];
}

export interface ResolversOptions {
  readonly resolvers: readonly ConflictResolver[];
  /** Git directory of the store, for resolvers that need a checkout. */
  readonly repository: string;
  readonly store: LandingRepository;
  readonly logger?: Logger;
}

const NO_INTENTS: MergeIntents = { ours: [], theirs: [] };

/** The resolvers of a queue: those that answer at once while it composes, the others beside the line. */
export class Resolvers {
  readonly #options: ResolversOptions;
  readonly #cache = createResolutionCache();
  readonly #watched: readonly ConflictResolver[];

  constructor(options: ResolversOptions) {
    this.#options = options;
    this.#watched = options.resolvers.filter((resolver) => resolver.watches !== undefined);
  }

  /** Asks those that answer at once, and what the others are known to have answered. */
  async inline(attempt: MergeAttempt): Promise<MergeResolution> {
    const changedByBoth = await this.#changedByBoth(attempt);
    return await this.#resolve(attempt, { changedByBoth, intents: NO_INTENTS, onlyInline: true });
  }

  /** Asks all of them, and remembers. */
  async aside(attempt: MergeAttempt, signal: AbortSignal): Promise<MergeResolution> {
    const changedByBoth = await this.#changedByBoth(attempt);
    const intents = await collectIntents(this.#options.store, attempt);
    return await this.#resolve(attempt, { changedByBoth, intents, onlyInline: false, signal });
  }

  async #resolve(
    { merged, onto, head }: MergeAttempt,
    how: Pick<ResolutionRequest, 'changedByBoth' | 'intents'> & {
      readonly onlyInline: boolean;
      readonly signal?: AbortSignal;
    },
  ): Promise<MergeResolution> {
    const { store, repository, resolvers, logger = silentLogger } = this.#options;
    const conflicts = merged.kind === 'clean' ? [] : merged.conflicts;
    const asked = [...new Set([...conflicts.map(({ path }) => path), ...how.changedByBoth])];
    if (asked.length === 0 || resolvers.length === 0) {
      return { tree: merged.tree, resolved: [], remaining: conflicts, asideCouldHelp: false, asked };
    }
    const request: ResolutionRequest = {
      conflicts,
      changedByBoth: how.changedByBoth,
      intents: how.intents,
      tree: merged.tree,
      ours: onto,
      theirs: head,
      repository,
      readBlob: (object) => store.readBlob(object),
      writeBlob: (content) => store.writeBlob(content),
      versionAt: (path) => store.versionAt(merged.tree, path),
      signal: how.signal ?? new AbortController().signal,
    };
    const { tree, resolved, remaining, asideCouldHelp } = await resolveConflicts({
      resolvers,
      request,
      logger,
      cache: this.#cache,
      onlyInline: how.onlyInline,
      editTree: (base, edits) => store.editTree(base, edits),
    });
    const named = resolved.map(({ path, resolver, dropped }) => ({ path, resolver, dropped: [...dropped] }));
    return { tree, resolved: named, remaining, asideCouldHelp, asked };
  }

  /** Watched paths that both sides changed since their base. */
  async #changedByBoth({ base, onto, head }: MergeAttempt): Promise<readonly string[]> {
    if (base === undefined || this.#watched.length === 0) return [];
    const { store } = this.#options;
    const isWatched = (path: string) => this.#watched.some((resolver) => resolver.watches?.(path) === true);
    const theirs = (await store.diff(base, head)).map(({ path }) => path).filter(isWatched);
    if (theirs.length === 0) return [];
    const before = await Promise.all(theirs.map((path) => store.versionAt(base, path)));
    const ours = await Promise.all(theirs.map((path) => store.versionAt(onto, path)));
    return theirs.filter((_, index) => before[index]?.object !== ours[index]?.object);
  }
}
