import type { BranchName, CommitSha } from '@agentswarm/core';
import { listRefs, type GitSession } from '@agentswarm/git';
import { MergeQueueError } from '../errors.ts';

/** An object every repository can make: the parents are what counts. */
const IDENTITY = { name: 'Merge queue', email: 'merge-queue@localhost' };

/**
 * Keeps heads from being pruned, moved or deleted under the queue. Heads that arrive together share one
 * ref, at a commit that has them as parents: thousands of heads cost a few refs. A pin goes when the
 * last of its heads is no longer wanted.
 */
export class Pins {
  readonly #session: GitSession;
  readonly #prefix: string;
  readonly #pins = new Map<string, { readonly commit: CommitSha; readonly heads: ReadonlySet<CommitSha> }>();
  #next = 1;

  private constructor(session: GitSession, target: BranchName) {
    this.#session = session;
    this.#prefix = `refs/agentswarm/queue/${target}/pins/`;
  }

  /** Opens the pins of a target with those an earlier queue left. */
  static async open(session: GitSession, target: BranchName): Promise<Pins> {
    const pins = new Pins(session, target);
    for (const { ref, commit } of await listRefs({ repository: session.repository, prefix: pins.#prefix })) {
      const heads = new Set((await session.readCommit(commit))?.parents ?? []);
      pins.#pins.set(ref, { commit, heads });
      pins.#next = Math.max(pins.#next, Number(ref.slice(pins.#prefix.length)) + 1);
    }
    return pins;
  }

  /**
   * Keeps these heads; those that are no commits here cannot be kept and are left to whoever looks at them.
   *
   * @throws {MergeQueueError} `REPOSITORY_FAILED` when somebody else changed the pins.
   */
  async keep(heads: readonly CommitSha[]): Promise<void> {
    const wanted = new Set(heads);
    const gone = [...this.#pins].filter(([, pin]) => pin.heads.isDisjointFrom(wanted));
    const pinned = new Set([...this.#pins.values()].flatMap((pin) => [...pin.heads]));
    const fresh = await this.#session.commitsAmong([...wanted.difference(pinned)]);
    const changes = gone.map(([ref, { commit }]) => ({ ref, old: commit, new: null }));
    const added = fresh.length === 0 ? undefined : await this.#write(fresh);
    if (changes.length > 0 || added !== undefined) {
      const result = await this.#session.updateRefs([
        ...changes,
        ...(added === undefined ? [] : [{ ref: added.ref, old: null, new: added.commit }]),
      ]);
      if (result.kind === 'moved') throw changed(this.#prefix);
    }
    for (const [ref] of gone) this.#pins.delete(ref);
    if (added !== undefined) this.#pins.set(added.ref, { commit: added.commit, heads: new Set(fresh) });
  }

  async #write(heads: readonly CommitSha[]): Promise<{ readonly ref: string; readonly commit: CommitSha }> {
    const tree = (await this.#session.readCommit(heads[0] as CommitSha))?.tree;
    const ref = `${this.#prefix}${this.#next}`;
    this.#next += 1;
    const commit = await this.#session.writeCommit({
      tree: tree as CommitSha,
      parents: heads,
      message: 'Keeps the branches that wait to land\n',
      author: IDENTITY,
      committer: IDENTITY,
      dateMs: 0,
    });
    return { ref, commit };
  }
}

function changed(prefix: string): MergeQueueError {
  return new MergeQueueError(
    'REPOSITORY_FAILED',
    `somebody else changed the refs under ${prefix}, which keep the branches that wait; start the queue again`,
    { details: { prefix } },
  );
}
