import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitSha, Logger, SandboxLabels } from '@agentswarm/core';
import { errnoOf } from '../errors.ts';
import { chooseTree } from './choose-tree.ts';
import { bringTo, checkOut, type HostGit, type ObjectSource } from './git-checkout.ts';
import type { Pins } from './pins.ts';
import { removeTree } from './remove-tree.ts';
import { createSandboxRecords, isOwnerAlive } from './sandbox-record.ts';
import { untilAborted } from './until-aborted.ts';

/** A checkout nobody but the host writes, and nobody at all while somebody holds it. */
export interface HeldTree {
  readonly folder: string;
  /** What it has: not always what was asked for. */
  readonly commit: CommitSha;
}

export interface TreeRequest {
  /** Sandbox that shows it, until {@link KeptTrees.release}. */
  readonly user: string;
  readonly repository: string;
  readonly source: ObjectSource;
  readonly commit: CommitSha;
  readonly labels: SandboxLabels;
  readonly signal?: AbortSignal;
}

/** Checkouts that are kept and brought up to date, for any number of sandboxes that only look at them. */
export interface KeptTrees extends AsyncDisposable {
  hold(request: TreeRequest): Promise<HeldTree>;
  /** Gives back what a sandbox held, also one of another process that has ended. */
  release(user: string): Promise<void>;
}

export interface KeptTreesOptions {
  readonly folder: string;
  readonly git: HostGit;
  readonly pins: Pins;
  readonly logger: Logger;
}

interface KeptTree {
  readonly id: string;
  readonly key: string;
  readonly users: Set<string>;
  /** What it has once it is ready. */
  commit: CommitSha;
  ready: Promise<void>;
}

/** Makes trees in `folder`, each with the names of its users beside it, for the time after this process. */
export function createKeptTrees(options: KeptTreesOptions): KeptTrees {
  const { git, pins, logger } = options;
  const records = createSandboxRecords(options.folder);
  const treeOf = (id: string) => join(records.folderOf(id), 'tree');
  const usersOf = (id: string) => join(records.folderOf(id), 'users');
  const all = new Set<KeptTree>();
  const closing = new AbortController();
  let swept: Promise<void> | undefined;

  const remove = async (id: string) => {
    await removeTree(records.folderOf(id));
    await pins.remove(id);
    await records.remove(id);
  };
  /** Does something to a tree that nobody uses yet; a tree that is left half done is given up. */
  const change = (tree: KeptTree, work: () => Promise<void>) => {
    tree.ready = work().catch(async (error: unknown) => {
      all.delete(tree);
      await remove(tree.id);
      throw error;
    });
  };
  const make = ({ repository, source, commit, labels }: TreeRequest, key: string): KeptTree => {
    const id = `tree-${randomBytes(8).toString('hex')}`;
    const tree: KeptTree = { id, key, commit, users: new Set(), ready: Promise.resolve() };
    all.add(tree);
    change(tree, async () => {
      await records.write(id, labels);
      await mkdir(usersOf(id), { recursive: true });
      await mkdir(treeOf(id), { mode: 0o700 });
      await pins.set(id, { repository, commit });
      await checkOut(git, { source, folder: treeOf(id), commit, signal: closing.signal });
      await forgetHistory(treeOf(id));
    });
    return tree;
  };
  const bring = (tree: KeptTree, { repository, commit }: TreeRequest) => {
    const before = tree.ready;
    tree.commit = commit;
    change(tree, async () => {
      await before;
      await pins.set(tree.id, { repository, commit });
      await bringTo(git, treeOf(tree.id), { commit, signal: closing.signal });
      await forgetHistory(treeOf(tree.id));
    });
  };
  /** Removes the trees of ended processes that no sandbox shows any more; `gone` shows none from now on. */
  const sweep = async (gone?: string) => {
    const found = await records.read((record, error) =>
      logger.warn({ record, error }, 'the record of a kept tree cannot be read'),
    );
    for (const record of found) {
      if (gone !== undefined) await rm(join(usersOf(record.id), gone), { force: true });
      if ((await isOwnerAlive(record)) || (await namesIn(usersOf(record.id))).length > 0) continue;
      await remove(record.id);
    }
  };

  return {
    hold: async (request) => {
      await (swept ??= sweep());
      const key = JSON.stringify(request.source);
      const choice = chooseTree([...all], { key, commit: request.commit });
      const tree = choice.kind === 'make' ? make(request, key) : choice.tree;
      if (choice.kind === 'bring') bring(tree, request);
      tree.users.add(request.user);
      const { commit } = tree;
      try {
        await untilAborted(tree.ready, request.signal);
        await writeFile(join(usersOf(tree.id), request.user), '');
      } catch (error) {
        tree.users.delete(request.user);
        throw error;
      }
      return { folder: treeOf(tree.id), commit };
    },
    release: async (user) => {
      await sweep(user);
      for (const tree of all) tree.users.delete(user);
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await Promise.allSettled([...all].map(({ ready }) => ready));
      // What a detached sandbox shows stays until that is reaped.
      for (const tree of all) if (tree.users.size === 0) await remove(tree.id);
      all.clear();
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** A tree tells of no commit but its own. */
async function forgetHistory(folder: string): Promise<void> {
  await rm(join(folder, '.git', 'ORIG_HEAD'), { force: true });
  await rm(join(folder, '.git', 'logs'), { recursive: true, force: true });
}
