import { toSwarmError, type CommitSha, type Logger } from '@agentswarm/core';
import type { BlobVersion, PathConflict, TreeEdit } from '@agentswarm/git';
import { askResolver, pathsFor } from './ask-resolver.ts';
import { hasConflictMarkers } from './conflict-markers.ts';
import type { ConflictResolver, Resolution, ResolutionRequest } from './conflict-resolver.ts';
import type { ResolutionCache } from './resolution-cache.ts';
import { textOf } from './resolve-texts.ts';

export interface ResolveConflictsOptions {
  /** Asked in order; each sees what those before it left. */
  readonly resolvers: readonly ConflictResolver[];
  readonly request: ResolutionRequest;
  /** Writes a tree that equals another one except for the edits. */
  readonly editTree: (base: CommitSha, edits: readonly TreeEdit[]) => Promise<CommitSha>;
  /** Remembers what `aside` resolvers answered, declining included. */
  readonly cache: ResolutionCache;
  /** Starts nothing that takes long: `aside` resolvers answer from memory. */
  readonly onlyInline: boolean;
  readonly logger: Logger;
}

/** A decided path and who decided it. */
export type NamedResolution = Resolution & { readonly resolver: string };

/** A merge after the resolvers. */
export interface ResolvedConflicts {
  readonly tree: CommitSha;
  readonly resolved: readonly NamedResolution[];
  /** Undecided, sorted; the tree has git's markers there. */
  readonly remaining: readonly PathConflict[];
  /** An `aside` resolver has not answered yet for these versions. */
  readonly asideCouldHelp: boolean;
}

const BLOB_MODES: ReadonlySet<string> = new Set(['100644', '100755', '120000']);

/** Lets resolvers decide what git could not. Rejects only when aborted or when the repository fails. */
export async function resolveConflicts(options: ResolveConflictsOptions): Promise<ResolvedConflicts> {
  let { request } = options;
  let asideCouldHelp = false;
  const resolved: NamedResolution[] = [];
  for (const resolver of options.resolvers) {
    request.signal.throwIfAborted();
    const { proposals, isComplete } = await askResolver(resolver, request, options);
    if (!isComplete) asideCouldHelp = true;
    const accepted = await acceptProposals(resolver, request, { proposals, logger: options.logger });
    if (accepted.length === 0) continue;
    resolved.push(...accepted.map((resolution) => ({ ...resolution, resolver: resolver.name })));
    request = await advance(request, accepted, options.editTree);
  }
  return { tree: request.tree, resolved, remaining: request.conflicts, asideCouldHelp };
}

interface Proposed {
  readonly proposals: readonly Resolution[];
  readonly logger: Logger;
}

/** Keeps proposals for paths the resolver was asked about that are whole; the first for a path counts. */
async function acceptProposals(
  resolver: ConflictResolver,
  request: ResolutionRequest,
  { proposals, logger }: Proposed,
): Promise<readonly Resolution[]> {
  const open = new Set(pathsFor(resolver, request));
  const accepted: Resolution[] = [];
  for (const resolution of proposals) {
    const fields = { resolver: resolver.name, path: resolution.path };
    if (!open.has(resolution.path)) {
      logger.warn(fields, 'a conflict resolver answered for a path it was not asked about');
    } else if (!(await isWhole(request, resolution.version, logger.child(fields)))) {
      logger.warn(fields, 'a conflict resolver left conflict markers or named no file');
    } else {
      open.delete(resolution.path);
      accepted.push(resolution);
    }
  }
  return accepted;
}

async function isWhole(
  request: ResolutionRequest,
  version: BlobVersion | null,
  logger: Logger,
): Promise<boolean> {
  if (version === null) return true;
  if (!BLOB_MODES.has(version.mode)) return false;
  try {
    const text = textOf(await request.readBlob(version.object));
    return text === undefined || !hasConflictMarkers(text);
  } catch (error) {
    request.signal.throwIfAborted();
    const { code, message } = toSwarmError(error);
    logger.warn({ code, message }, 'what a conflict resolver proposed could not be read');
    return false;
  }
}

async function advance(
  request: ResolutionRequest,
  accepted: readonly Resolution[],
  editTree: ResolveConflictsOptions['editTree'],
): Promise<ResolutionRequest> {
  const decided = new Map(accepted.map(({ path, version }) => [path, version]));
  const edits = accepted.map(({ path, version }) => ({ path, version }));
  return {
    ...request,
    tree: await editTree(request.tree, edits),
    conflicts: request.conflicts.filter(({ path }) => !decided.has(path)),
    versionAt: async (path) => {
      const version = decided.get(path);
      return version === undefined ? request.versionAt(path) : (version ?? undefined);
    },
  };
}
