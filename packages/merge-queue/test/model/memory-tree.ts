import { createHash } from 'node:crypto';
import { CommitShaSchema, type CommitSha } from '@agentswarm/core';

const BUCKETS = 64;
const MODULUS = 1n << 160n;

/** An object name made of text: the same text gives the same name. */
export function nameOf(text: string): CommitSha {
  return CommitShaSchema.parse(createHash('sha1').update(text).digest('hex'));
}

/**
 * Paths and the names of their blobs. Trees share what they have in common, and their name is a sum
 * over their entries: an edit costs the same however large a tree is.
 */
export class MemoryTree {
  readonly #buckets: readonly ReadonlyMap<string, CommitSha>[];
  readonly #sum: bigint;

  private constructor(buckets: readonly ReadonlyMap<string, CommitSha>[], sum: bigint) {
    this.#buckets = buckets;
    this.#sum = sum;
  }

  static readonly empty = new MemoryTree(
    Array.from({ length: BUCKETS }, () => new Map<string, CommitSha>()),
    1n,
  );

  get name(): CommitSha {
    return CommitShaSchema.parse(this.#sum.toString(16).padStart(40, '0'));
  }

  get(path: string): CommitSha | undefined {
    return this.#buckets[bucketOf(path)]?.get(path);
  }

  *paths(): Generator<string> {
    for (const bucket of this.#buckets) yield* bucket.keys();
  }

  /** The tree with these paths changed; null removes one. */
  with(edits: Iterable<readonly [path: string, blob: CommitSha | null]>): MemoryTree {
    const buckets = [...this.#buckets];
    const copied = new Map<number, Map<string, CommitSha>>();
    let sum = this.#sum;
    for (const [path, blob] of edits) {
      const at = bucketOf(path);
      const bucket = copied.get(at) ?? new Map(buckets[at]);
      copied.set(at, bucket);
      buckets[at] = bucket;
      const before = bucket.get(path);
      if (before !== undefined) sum -= weightOf(path, before);
      if (blob === null) bucket.delete(path);
      else {
        bucket.set(path, blob);
        sum += weightOf(path, blob);
      }
    }
    return new MemoryTree(buckets, ((sum % MODULUS) + MODULUS) % MODULUS);
  }

  /** Paths on which two trees differ, sorted. */
  differences(other: MemoryTree): readonly string[] {
    const found: string[] = [];
    for (const [at, mine] of this.#buckets.entries()) {
      const theirs = other.#buckets[at] ?? new Map<string, CommitSha>();
      if (mine === theirs) continue;
      for (const [path, blob] of mine) if (theirs.get(path) !== blob) found.push(path);
      for (const path of theirs.keys()) if (!mine.has(path)) found.push(path);
    }
    return found.sort();
  }
}

const weights = new Map<string, bigint>();

function weightOf(path: string, blob: CommitSha): bigint {
  const key = `${path}\0${blob}`;
  const weight = weights.get(key) ?? BigInt(`0x${nameOf(key)}`);
  weights.set(key, weight);
  return weight;
}

function bucketOf(path: string): number {
  let hash = 0;
  for (let index = 0; index < path.length; index += 1) hash = (hash * 31 + path.charCodeAt(index)) | 0;
  return Math.abs(hash) % BUCKETS;
}
