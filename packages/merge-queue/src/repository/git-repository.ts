import type { BranchName, Clock, CommitSha, Secret } from '@agentswarm/core';
import {
  firstParentChain,
  openGitSession,
  type CommitObject,
  type GitSession,
  type Identity,
} from '@agentswarm/git';
import type { LandingRepository, MergeOutcome, MoveOutcome } from './landing-repository.ts';
import { Pins } from './pins.ts';
import { missingObject, readCommit } from './read-commit.ts';
import { createTarget, type Target } from './target.ts';
import { acquireWriterLease, type WriterLease } from './writer-lease.ts';

const DEFAULT_IDENTITY: Identity = { name: 'Merge queue', email: 'merge-queue@localhost' };

export interface GitRepositoryOptions {
  readonly repository: string;
  readonly target: BranchName;
  readonly remote?: string;
  readonly credential?: Secret;
  readonly identity?: Identity;
  readonly clock: Clock;
}

/** Opens a repository for a queue, as the only writer of its target. */
export async function openGitRepository(
  options: GitRepositoryOptions,
): Promise<{ readonly repository: LandingRepository; readonly epoch: number }> {
  await using opened = new AsyncDisposableStack();
  const session = opened.use(await openGitSession({ repository: options.repository }));
  const lease = await acquireWriterLease(session, options.target);
  opened.defer(() => lease.release());
  const pins = await Pins.open(session, options.target);
  const target = createTarget({ ...options, branch: options.target, session, condition: lease.condition });
  const identity = options.identity ?? DEFAULT_IDENTITY;
  const repository = new GitRepository({ session, lease, pins, target, identity, opened: opened.move() });
  return { repository, epoch: lease.epoch };
}

interface Parts {
  readonly session: GitSession;
  readonly lease: WriterLease;
  readonly pins: Pins;
  readonly target: Target;
  readonly identity: Identity;
  readonly opened: AsyncDisposableStack;
}

class GitRepository implements LandingRepository {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  tip(signal: AbortSignal): Promise<CommitSha> {
    return this.#parts.target.tip(signal);
  }

  relate(tip: CommitSha, heads: readonly CommitSha[]) {
    return this.#parts.session.relate(tip, heads);
  }

  merge(request: {
    readonly onto: CommitSha;
    readonly head: CommitSha;
    readonly base?: CommitSha;
  }): Promise<MergeOutcome> {
    const { onto, head, base } = request;
    return this.#parts.session.merge({ ours: onto, theirs: head, ...(base === undefined ? {} : { base }) });
  }

  async treeOf(commit: CommitSha): Promise<CommitSha> {
    return (await this.#read(commit)).tree;
  }

  async parentsOf(commit: CommitSha): Promise<readonly CommitSha[]> {
    return (await this.#read(commit)).parents;
  }

  async messageOf(commit: CommitSha): Promise<string> {
    return (await this.#read(commit)).message;
  }

  diff(before: CommitSha, after: CommitSha) {
    return this.#parts.session.diff(before, after);
  }

  editTree(...args: Parameters<LandingRepository['editTree']>): Promise<CommitSha> {
    return this.#parts.session.editTree(...args);
  }

  async readBlob(object: CommitSha): Promise<Buffer> {
    const content = await this.#parts.session.readBlob(object);
    if (content !== undefined) return content;
    throw missingObject(object);
  }

  writeBlob(content: string | Uint8Array): Promise<CommitSha> {
    return this.#parts.session.writeBlob(content);
  }

  versionAt(commit: CommitSha, path: string) {
    return this.#parts.session.versionAt(commit, path);
  }

  namesIn(commit: CommitSha, directory: string) {
    return this.#parts.session.namesIn(commit, directory);
  }

  sizesOf(objects: readonly CommitSha[]) {
    return this.#parts.session.sizesOf(objects);
  }

  async commit({ authorOf, ...request }: Parameters<LandingRepository['commit']>[0]): Promise<CommitSha> {
    const { session, identity } = this.#parts;
    const author = authorOf === undefined ? identity : (await this.#read(authorOf)).author;
    return await session.writeCommit({ ...request, author, committer: identity });
  }

  firstParents(from: CommitSha, to: CommitSha) {
    return firstParentChain({ repository: this.#parts.session.repository, from, to });
  }

  pin(heads: readonly CommitSha[]): Promise<void> {
    return this.#parts.pins.keep(heads);
  }

  async move(change: { readonly old: CommitSha; readonly new: CommitSha }): Promise<MoveOutcome> {
    const { lease, target } = this.#parts;
    // A remote knows nothing of our lease: there the last look is as close as one can get.
    if (!(await lease.isHeld())) return { kind: 'fenced' };
    const result = await target.move(change);
    switch (result.kind) {
      case 'pushed':
        return { kind: 'moved_to_new' };
      case 'refused':
        return result;
      case 'moved':
        return (await lease.isHeld()) ? { kind: 'lost_race', actual: result.actual } : { kind: 'fenced' };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.opened.disposeAsync();
  }

  #read(commit: CommitSha): Promise<CommitObject> {
    return readCommit(this.#parts.session, commit);
  }
}
