import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitSha, Logger, SandboxLabels } from '@agentswarm/core';
import { checkOut, type HostGit, type ObjectSource } from './git-checkout.ts';
import { removeTree } from './remove-tree.ts';
import { createSandboxRecords, isOwnerAlive, type SandboxRecords } from './sandbox-record.ts';

/** A checkout nobody but the host writes. While it is held it stays as it is. */
export interface HeldTree {
  readonly folder: string;
  /** Gives it back, to be brought to another commit. */
  release(): void;
}

interface TreeRequest {
  readonly source: ObjectSource;
  readonly commit: CommitSha;
  readonly labels: SandboxLabels;
  readonly signal?: AbortSignal;
}

/** Checkouts that are kept and brought up to date, for sandboxes that only look at them. */
export interface KeptTrees extends AsyncDisposable {
  hold(request: TreeRequest): Promise<HeldTree>;
}

interface KeptTree {
  readonly id: string;
  readonly folder: string;
  /** Of the objects it borrows. */
  readonly key: string;
  commit: CommitSha;
}

export function createKeptTrees(options: {
  readonly folder: string;
  readonly git: HostGit;
  readonly logger: Logger;
}): KeptTrees {
  const { folder, git, logger } = options;
  const records = createSandboxRecords(folder);
  const all = new Set<KeptTree>();
  const free = new Set<KeptTree>();
  let swept: Promise<void> | undefined;

  const discard = async (tree: KeptTree) => {
    all.delete(tree);
    free.delete(tree);
    await removeTree(tree.folder);
    await records.remove(tree.id);
  };
  const make = async ({ source, commit, labels, signal }: TreeRequest, key: string): Promise<KeptTree> => {
    const id = `tree-${randomBytes(8).toString('hex')}`;
    const tree: KeptTree = { id, folder: records.folderOf(id), key, commit };
    all.add(tree);
    try {
      await records.write(id, labels);
      await mkdir(tree.folder, { mode: 0o700 });
      await checkOut(git, { source, folder: tree.folder, commit, branch: 'kept', ...optionsOf(signal) });
      // Each user has a branch of its own, in front of this.
      await git.run(['-C', tree.folder, 'update-ref', '--no-deref', 'HEAD', commit]);
      await git.run(['-C', tree.folder, 'update-ref', '-d', 'refs/heads/kept']);
      await forgetHistory(tree);
      return tree;
    } catch (error) {
      await discard(tree);
      throw error;
    }
  };
  const bringTo = async (tree: KeptTree, { commit, signal }: TreeRequest): Promise<void> => {
    if (tree.commit === commit) return;
    try {
      await git.run(['-C', tree.folder, 'reset', '-q', '--hard', commit], optionsOf(signal));
      await forgetHistory(tree);
      tree.commit = commit;
    } catch (error) {
      // Half of it may have been written.
      await discard(tree);
      throw error;
    }
  };

  return {
    hold: async (request) => {
      await (swept ??= sweepDead(records, logger));
      const key = JSON.stringify(request.source);
      const usable = [...free].filter((candidate) => candidate.key === key);
      const found = usable.find(({ commit }) => commit === request.commit) ?? usable[0];
      if (found !== undefined) free.delete(found);
      const tree = found ?? (await make(request, key));
      await bringTo(tree, request);
      return { folder: tree.folder, release: () => void free.add(tree) };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...all].map(discard));
    },
  };
}

function optionsOf(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** Removes the trees of processes that ended without doing so. */
async function sweepDead(records: SandboxRecords, logger: Logger): Promise<void> {
  const found = await records.read((record, error) =>
    logger.warn({ record, error }, 'the record of a kept tree cannot be read'),
  );
  for (const record of found) {
    if (await isOwnerAlive(record)) continue;
    await removeTree(records.folderOf(record.id));
    await records.remove(record.id);
  }
}

/** A tree tells of no commit but its own. */
async function forgetHistory({ folder }: KeptTree): Promise<void> {
  await rm(join(folder, '.git', 'ORIG_HEAD'), { force: true });
  await rm(join(folder, '.git', 'logs'), { recursive: true, force: true });
}
