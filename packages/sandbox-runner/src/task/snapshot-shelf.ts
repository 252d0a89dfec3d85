import type { CommitSha, Logger, Sandbox } from '@agentswarm/core';
import { addedBytes, deleteRef, listRefs } from '@agentswarm/git';
import { selectSuperfluous } from './thin-snapshots.ts';

/** What the snapshots of one attempt may add to the store; an agent may write much and delete it again. */
const MAX_BYTES = 512 * 1024 * 1024;

/** The snapshots of one attempt in the store, each known by its number. */
export interface SnapshotShelf {
  /** Takes over what the intake has now, unless that is kept already. */
  collect(): Promise<void>;
}

/** Opens the shelf; numbers go on where they ended, and what is superfluous goes when something is added. */
export function createSnapshotShelf(options: {
  readonly sandbox: Pick<Sandbox, 'collect'>;
  readonly repository: string;
  readonly refs: string;
  readonly base: CommitSha;
  readonly logger: Logger;
}): SnapshotShelf {
  const { sandbox, repository, refs, base, logger } = options;
  const kept = new Map<number, CommitSha>();
  let last: { readonly number: number; readonly commit: CommitSha } | undefined;
  let bytes = 0;
  const opened = memoize(async () => {
    for (const { ref, commit } of await listRefs({ repository, prefix: `${refs}/` })) {
      const number = Number(ref.slice(refs.length + 1));
      kept.set(number, commit);
      if (number > (last?.number ?? 0)) last = { number, commit };
    }
  });
  const refOf = (number: number) => `${refs}/${number}`;
  const drop = (number: number, commit: CommitSha) =>
    deleteRef({ repository, ref: refOf(number), old: commit });
  const shelve = async (number: number, commit: CommitSha) => {
    bytes += await addedBytes({ repository, base: last?.commit ?? base, head: commit });
    last = { number, commit };
    kept.set(number, commit);
    for (const old of selectSuperfluous([...kept.keys()])) {
      const superfluous = kept.get(old);
      kept.delete(old);
      if (superfluous !== undefined) await drop(old, superfluous);
    }
    if (bytes > MAX_BYTES)
      logger.warn({ bytes }, 'an attempt changes too much for further snapshots of its work');
  };
  return {
    async collect() {
      if (bytes > MAX_BYTES) return;
      await opened();
      const number = (last?.number ?? 0) + 1;
      const commit = await sandbox.collect({ repository, ref: refOf(number) });
      if (commit === undefined) return;
      if (commit === last?.commit) await drop(number, commit);
      else await shelve(number, commit);
    },
  };
}

function memoize(open: () => Promise<void>): () => Promise<void> {
  let opened: Promise<void> | undefined;
  return () => (opened ??= open());
}
