import { toSwarmError, type Logger } from '@agentswarm/core';
import type { ConflictResolver, Resolution, ResolutionRequest } from './conflict-resolver.ts';
import type { ResolutionCache } from './resolution-cache.ts';
import { versionKey, versionsKey } from './versions-key.ts';

export interface AskContext {
  readonly cache: ResolutionCache;
  /** Takes `aside` answers from the cache only. */
  readonly onlyInline: boolean;
  readonly logger: Logger;
}

/** What a resolver says to a merge. */
export interface Answer {
  readonly proposals: readonly Resolution[];
  /** False when asking it takes long and would bring more. */
  readonly isComplete: boolean;
}

/** Gets a resolver's proposals, from memory where it answered for the same versions before. */
export async function askResolver(
  resolver: ConflictResolver,
  request: ResolutionRequest,
  context: AskContext,
): Promise<Answer> {
  const paths = pathsFor(resolver, request);
  if (paths.length === 0) return { proposals: [], isComplete: true };
  if (resolver.cost === 'inline') {
    return { proposals: await propose(resolver, request, context.logger), isComplete: true };
  }
  const keys = await keysOf(resolver, request, paths);
  const remembered = paths.map((path) => context.cache.get(keys.get(path) ?? ''));
  const isComplete = remembered.every((answer) => answer !== undefined);
  if (context.onlyInline || isComplete) {
    return { proposals: remembered.flatMap((answer) => answer ?? []), isComplete };
  }
  // About everything again: what it makes of one path may depend on the others.
  const proposals = await propose(resolver, request, context.logger);
  for (const [path, key] of keys) {
    context.cache.set(key, proposals.find((resolution) => resolution.path === path) ?? null);
  }
  return { proposals, isComplete: true };
}

/** Paths a resolver may answer for: those in conflict, or those it watches. */
export function pathsFor(resolver: ConflictResolver, request: ResolutionRequest): readonly string[] {
  const conflicted = request.conflicts.map(({ path }) => path);
  if (resolver.watches === undefined) return conflicted;
  const seen = new Set([...conflicted, ...request.changedByBoth]);
  return [...seen].filter((path) => resolver.watches?.(path) === true);
}

/** A resolver that could not work declines; only an abort is passed on. */
async function propose(
  resolver: ConflictResolver,
  request: ResolutionRequest,
  logger: Logger,
): Promise<readonly Resolution[]> {
  try {
    return await resolver.resolve(request);
  } catch (error) {
    request.signal.throwIfAborted();
    const { code, message } = toSwarmError(error);
    logger.warn({ resolver: resolver.name, code, message }, 'a conflict resolver could not work');
    return [];
  }
}

async function keysOf(
  resolver: ConflictResolver,
  request: ResolutionRequest,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const context = (await resolver.contextOf?.(request)) ?? '';
  const keys = new Map<string, string>();
  for (const path of paths) {
    const conflict = request.conflicts.find((each) => each.path === path);
    const versions =
      conflict === undefined
        ? JSON.stringify([path, versionKey(await request.versionAt(path))])
        : versionsKey(conflict);
    keys.set(path, JSON.stringify([resolver.name, versions, context]));
  }
  return keys;
}
