import type { CommitSha } from '@agentswarm/core';
import { MergeQueueError } from '@agentswarm/merge-queue';
import type { LandingRepository } from '../../src/repository/landing-repository.ts';
import type { MemoryStore } from './memory-store.ts';

type Method = Exclude<keyof LandingRepository, symbol>;

export interface MemoryRepositoryOptions {
  /** Called before each method does its work; calls are counted from 1. */
  readonly onCall?: (call: { readonly method: Method; readonly count: number }) => void;
  /** The process dies at this call; `after` means the call took effect and nobody heard of it. */
  readonly crashAt?: { readonly count: number; readonly when: 'before' | 'after' };
}

/**
 * A landing repository in memory: one process at work on a store that outlives it. Opening another one
 * fences it. Every method takes only microtasks.
 */
export class MemoryRepository implements LandingRepository {
  readonly #store: MemoryStore;
  readonly #options: MemoryRepositoryOptions;
  readonly epoch: number;
  calls = 0;
  isDead = false;

  constructor(store: MemoryStore, options: MemoryRepositoryOptions = {}) {
    this.#store = store;
    this.#options = options;
    store.epoch += 1;
    this.epoch = store.epoch;
  }

  /** From now on nothing works: the process is no more. */
  die(): void {
    this.isDead = true;
  }

  async tip(signal: AbortSignal): Promise<CommitSha> {
    signal.throwIfAborted();
    return await this.#call('tip', () => this.#store.main);
  }

  relate(tip: CommitSha, heads: readonly CommitSha[]) {
    return this.#call('relate', () => heads.map((head) => this.#store.relate(tip, head)));
  }

  merge({ onto, head, base }: Parameters<LandingRepository['merge']>[0]) {
    return this.#call('merge', () => this.#store.merge(onto, head, base));
  }

  treeOf(commit: CommitSha) {
    return this.#call('treeOf', () => this.#store.commit(commit).tree);
  }

  parentsOf(commit: CommitSha) {
    return this.#call('parentsOf', () => this.#store.commit(commit).parents);
  }

  messageOf(commit: CommitSha) {
    return this.#call('messageOf', () => this.#store.commit(commit).message);
  }

  diff(before: CommitSha, after: CommitSha) {
    return this.#call('diff', () => {
      const [from, to] = [this.#store.tree(before), this.#store.tree(after)];
      return from.differences(to).map((path) => {
        const [was, is] = [versionOf(from.get(path)), versionOf(to.get(path))];
        return { path, ...(was && { before: was }), ...(is && { after: is }) };
      });
    });
  }

  editTree(base: CommitSha, edits: Parameters<LandingRepository['editTree']>[1]) {
    return this.#call('editTree', () => {
      const changes = edits.map(({ path, version }) => [path, version?.object ?? null] as const);
      return this.#store.keep(this.#store.tree(base).with(changes));
    });
  }

  readBlob(object: CommitSha) {
    return this.#call('readBlob', () => Buffer.from(this.#store.blob(object)));
  }

  writeBlob(content: string | Uint8Array) {
    return this.#call('writeBlob', () => this.#store.writeBlob(Buffer.from(content).toString('utf8')));
  }

  versionAt(commit: CommitSha, path: string) {
    return this.#call('versionAt', () => versionOf(this.#store.tree(commit).get(path)));
  }

  namesIn(commit: CommitSha, directory: string) {
    return this.#call('namesIn', () => {
      const prefix = directory === '' ? '' : `${directory}/`;
      const inside = [...this.#store.tree(commit).paths()].filter((path) => path.startsWith(prefix));
      return [...new Set(inside.map((path) => path.slice(prefix.length).split('/', 1)[0] ?? ''))];
    });
  }

  sizesOf(objects: readonly CommitSha[]) {
    return this.#call('sizesOf', () => objects.map((object) => this.#store.blob(object).length));
  }

  commit({ tree, parents, message }: Parameters<LandingRepository['commit']>[0]) {
    return this.#call('commit', () => this.#store.writeCommit({ tree, parents, message }));
  }

  firstParents(from: CommitSha, tip: CommitSha) {
    return this.#call('firstParents', () => this.#store.firstParents(from, tip));
  }

  pin(heads: readonly CommitSha[]) {
    return this.#call('pin', () => {
      this.#store.pins = new Set(heads);
    });
  }

  move(change: { readonly old: CommitSha; readonly new: CommitSha }) {
    return this.#call('move', () => this.#store.move(change, this.epoch));
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #call<T>(method: Method, work: () => T): Promise<T> {
    this.calls += 1;
    const { onCall, crashAt } = this.#options;
    onCall?.({ method, count: this.calls });
    if (crashAt?.count === this.calls && crashAt.when === 'before') this.die();
    this.#refuseWhenDead();
    const result = work();
    if (crashAt?.count === this.calls) this.die();
    this.#refuseWhenDead();
    return result;
  }

  #refuseWhenDead(): void {
    if (this.isDead) throw new MergeQueueError('REPOSITORY_FAILED', 'the process is dead');
  }
}

function versionOf(object: CommitSha | undefined) {
  return object === undefined ? undefined : { mode: '100644', object };
}
