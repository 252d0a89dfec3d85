import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitSha, Logger, SandboxLabels } from '@agentswarm/core';
import { errnoOf } from '../errors.ts';
import { chooseTree } from './choose-tree.ts';
import { bringTo, checkOut, type ObjectSource } from '../commits/git-checkout.ts';
import type { HostGit } from '../commits/host-git.ts';
import type { Pins } from './pins.ts';
import { removeTree } from '../transfer/remove-tree.ts';
import { createSandboxRecords, isOwnerAlive, type SandboxRecords } from '../handles/sandbox-record.ts';
import { untilAborted } from '../process/until-aborted.ts';

/** A checkout nobody but the host writes, and nobody at all while somebody holds it. */
export interface HeldTree {
  readonly folder: string;
  /** What it has: not always what was asked for. */
  readonly commit: CommitSha;
}

interface TreeRequest {
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
  return new LocalKeptTrees(options);
}

class LocalKeptTrees implements KeptTrees {
  readonly #options: KeptTreesOptions;
  readonly #records: SandboxRecords;
  readonly #all = new Set<KeptTree>();
  readonly #closing = new AbortController();
  #swept: Promise<void> | undefined;

  constructor(options: KeptTreesOptions) {
    this.#options = options;
    this.#records = createSandboxRecords(options.folder);
  }

  async hold(request: TreeRequest): Promise<HeldTree> {
    await (this.#swept ??= this.#sweep());
    const key = JSON.stringify(request.source);
    const choice = chooseTree([...this.#all], { key, commit: request.commit });
    const tree = choice.kind === 'make' ? this.#make(request, key) : choice.tree;
    if (choice.kind === 'bring') this.#bring(tree, request);
    tree.users.add(request.user);
    const { commit } = tree;
    try {
      await untilAborted(tree.ready, request.signal);
      await writeFile(join(this.#usersOf(tree.id), request.user), '');
    } catch (error) {
      tree.users.delete(request.user);
      throw error;
    }
    return { folder: this.#treeOf(tree.id), commit };
  }

  async release(user: string): Promise<void> {
    await this.#sweep(user);
    for (const tree of this.#all) tree.users.delete(user);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([...this.#all].map(({ ready }) => ready));
    // What a detached sandbox shows stays until that is reaped.
    for (const tree of this.#all) if (tree.users.size === 0) await this.#remove(tree.id);
    this.#all.clear();
  }

  #make({ repository, source, commit, labels }: TreeRequest, key: string): KeptTree {
    const { git, pins } = this.#options;
    const id = `tree-${randomBytes(8).toString('hex')}`;
    const tree: KeptTree = { id, key, commit, users: new Set(), ready: Promise.resolve() };
    const folder = this.#treeOf(id);
    this.#all.add(tree);
    this.#change(tree, async () => {
      await this.#records.write(id, labels);
      await mkdir(this.#usersOf(id), { recursive: true });
      await mkdir(folder, { mode: 0o700 });
      await pins.set(id, { repository, commit });
      await checkOut(git, { source, folder, commit, signal: this.#closing.signal });
      await forgetHistory(folder);
    });
    return tree;
  }

  #bring(tree: KeptTree, { repository, commit }: TreeRequest): void {
    const { git, pins } = this.#options;
    const before = tree.ready;
    tree.commit = commit;
    this.#change(tree, async () => {
      await before;
      await pins.set(tree.id, { repository, commit });
      await bringTo(git, this.#treeOf(tree.id), { commit, signal: this.#closing.signal });
      await forgetHistory(this.#treeOf(tree.id));
    });
  }

  /** Does something to a tree that nobody uses yet; a tree that is left half done is given up. */
  #change(tree: KeptTree, work: () => Promise<void>): void {
    tree.ready = work().catch(async (error: unknown) => {
      this.#all.delete(tree);
      await this.#remove(tree.id);
      throw error;
    });
  }

  /** Removes the trees of ended processes that no sandbox shows any more; `gone` shows none from now on. */
  async #sweep(gone?: string): Promise<void> {
    const found = await this.#records.read((record, error) =>
      this.#options.logger.warn({ record, error }, 'the record of a kept tree cannot be read'),
    );
    for (const record of found) {
      const users = this.#usersOf(record.id);
      if (gone !== undefined) await rm(join(users, gone), { force: true });
      if ((await isOwnerAlive(record)) || (await namesIn(users)).length > 0) continue;
      await this.#remove(record.id);
    }
  }

  async #remove(id: string): Promise<void> {
    await removeTree(this.#records.folderOf(id));
    await this.#options.pins.remove(id);
    await this.#records.remove(id);
  }

  #treeOf(id: string): string {
    return join(this.#records.folderOf(id), 'tree');
  }

  #usersOf(id: string): string {
    return join(this.#records.folderOf(id), 'users');
  }
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
