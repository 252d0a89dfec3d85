import type { CommitSha } from '@agentswarm/core';
import type { HeadFacts, PathConflict } from '@agentswarm/git';
import type { MergeOutcome, MoveOutcome } from '../../src/repository/landing-repository.ts';
import { MemoryTree, nameOf } from './memory-tree.ts';

/** A commit of the model. */
export interface MemoryCommit {
  readonly tree: CommitSha;
  readonly parents: readonly CommitSha[];
  readonly message: string;
}

/** One value the target took. */
export interface TargetValue {
  readonly commit: CommitSha;
  readonly by: 'start' | 'queue' | 'outside';
}

/** Files of a commit: content, or null to delete. */
export type ModelFiles = Readonly<Record<string, string | null>>;

const MODE = '100644';

/** What survives a crash: objects, the target, pins and the epoch of the writer. All of it synchronous. */
export class MemoryStore {
  readonly #commits = new Map<CommitSha, MemoryCommit>();
  readonly #trees = new Map<CommitSha, MemoryTree>([[MemoryTree.empty.name, MemoryTree.empty]]);
  readonly #blobs = new Map<CommitSha, string>();
  readonly values: TargetValue[] = [];
  pins: ReadonlySet<CommitSha> = new Set();
  epoch = 0;
  readonly base: CommitSha;
  #reach: { tip: CommitSha; readonly commits: Set<CommitSha> } | undefined;

  constructor(files: ModelFiles = { 'README.md': 'base' }) {
    this.base = this.write([], files, 'base');
    this.values.push({ commit: this.base, by: 'start' });
  }

  get main(): CommitSha {
    return this.values.at(-1)?.commit ?? this.base;
  }

  /** Writes a commit that changes files of its first parent. */
  write(parents: readonly CommitSha[], files: ModelFiles, message: string): CommitSha {
    const [first] = parents;
    const before = first === undefined ? MemoryTree.empty : this.tree(this.commit(first).tree);
    const edits = Object.entries(files).map(
      ([path, content]) => [path, content === null ? null : this.writeBlob(content)] as const,
    );
    return this.writeCommit({ tree: this.keep(before.with(edits)), parents, message });
  }

  /** Somebody else moves the target. */
  pushOutside(files: ModelFiles): CommitSha {
    const commit = this.write([this.main], files, `outside ${this.values.length}`);
    this.values.push({ commit, by: 'outside' });
    return commit;
  }

  move(change: { readonly old: CommitSha; readonly new: CommitSha }, epoch: number): MoveOutcome {
    if (epoch !== this.epoch) return { kind: 'fenced' };
    if (this.main !== change.old) return { kind: 'lost_race', actual: this.main };
    this.values.push({ commit: change.new, by: 'queue' });
    return { kind: 'moved_to_new' };
  }

  writeCommit(commit: MemoryCommit): CommitSha {
    const name = nameOf(`commit ${JSON.stringify(commit)}`);
    this.#commits.set(name, commit);
    return name;
  }

  writeBlob(content: string): CommitSha {
    const name = nameOf(`blob ${content}`);
    this.#blobs.set(name, content);
    return name;
  }

  keep(tree: MemoryTree): CommitSha {
    const { name } = tree;
    if (!this.#trees.has(name)) this.#trees.set(name, tree);
    return name;
  }

  blob(name: CommitSha): string {
    return present(this.#blobs.get(name), name);
  }

  commit(name: CommitSha): MemoryCommit {
    return present(this.#commits.get(name), name);
  }

  /** A tree, by its own name or that of a commit. */
  tree(name: CommitSha): MemoryTree {
    return present(this.#trees.get(this.#commits.get(name)?.tree ?? name), name);
  }

  relate(tip: CommitSha, head: CommitSha): HeadFacts {
    if (!this.#commits.has(head)) return { head, relation: 'missing', commits: [], frontier: [] };
    const reached = this.reachable(tip);
    if (reached.has(head)) return { head, relation: 'contained', commits: [], frontier: [] };
    const { own, frontier } = this.#walk(head, reached);
    const relation = frontier.length === 0 ? 'unrelated' : 'ahead';
    return { head, relation, commits: relation === 'ahead' ? own : [], frontier };
  }

  merge(onto: CommitSha, head: CommitSha, known?: CommitSha): MergeOutcome {
    const base = known ?? this.#mergeBase(onto, head);
    const [before, ours, theirs] = [this.tree(base), this.tree(onto), this.tree(head)];
    const conflicts: PathConflict[] = [];
    const edits: (readonly [string, CommitSha | null])[] = [];
    for (const path of before.differences(theirs)) {
      const [was, mine, yours] = [before.get(path), ours.get(path), theirs.get(path)];
      if (mine === yours) continue;
      if (mine === was) edits.push([path, yours ?? null]);
      else conflicts.push(conflictAt(path, { base: was, ours: mine, theirs: yours }));
    }
    const tree = this.keep(ours.with(edits));
    return conflicts.length === 0 ? { kind: 'clean', tree } : { kind: 'conflicted', tree, conflicts };
  }

  /** Everything a commit is built on, itself included; good until the next call. */
  reachable(tip: CommitSha): ReadonlySet<CommitSha> {
    const known = this.#reach;
    if (known?.tip === tip) return known.commits;
    if (known !== undefined && !known.commits.has(tip)) {
      const { own, frontier } = this.#walk(tip, known.commits);
      if (frontier.includes(known.tip)) {
        for (const commit of own) known.commits.add(commit);
        known.tip = tip;
        return known.commits;
      }
    }
    const commits = new Set(this.#walk(tip, new Set()).own);
    this.#reach = { tip, commits };
    return commits;
  }

  /** First parents from a tip back to what `from` is built on; newest first. */
  firstParents(from: CommitSha, tip: CommitSha) {
    const stop = new Set(this.#walk(from, new Set()).own);
    const chain: { readonly commit: CommitSha; readonly parents: readonly CommitSha[] }[] = [];
    for (let at: CommitSha | undefined = tip; at !== undefined && !stop.has(at);) {
      const { parents } = this.commit(at);
      chain.push({ commit: at, parents });
      at = parents[0];
    }
    return chain;
  }

  /** Commits before those already reached, and the reached ones they are built on. */
  #walk(head: CommitSha, reached: ReadonlySet<CommitSha>) {
    const own = new Set<CommitSha>();
    const frontier = new Set<CommitSha>();
    const stack = [head];
    for (let commit = stack.pop(); commit !== undefined; commit = stack.pop()) {
      if (reached.has(commit)) frontier.add(commit);
      else if (!own.has(commit)) {
        own.add(commit);
        stack.push(...this.commit(commit).parents);
      }
    }
    return { own: [...own], frontier: [...frontier] };
  }

  /** The newest common ancestor; where there are several, any of them. */
  #mergeBase(onto: CommitSha, head: CommitSha): CommitSha {
    const { frontier } = this.#walk(head, new Set(this.#walk(onto, new Set()).own));
    const best = frontier.filter(
      (commit) => !frontier.some((other) => other !== commit && this.#contains(other, commit)),
    );
    return present(best.sort()[0], head);
  }

  #contains(commit: CommitSha, other: CommitSha): boolean {
    return this.#walk(commit, new Set()).own.includes(other);
  }
}

function conflictAt(
  path: string,
  sides: { readonly [Side in 'base' | 'ours' | 'theirs']: CommitSha | undefined },
): PathConflict {
  const version = (object: CommitSha | undefined) =>
    object === undefined ? undefined : { mode: MODE, object };
  const [base, ours, theirs] = [version(sides.base), version(sides.ours), version(sides.theirs)];
  return { path, ...(base && { base }), ...(ours && { ours }), ...(theirs && { theirs }) };
}

function present<T>(value: T | undefined, name: CommitSha): T {
  if (value === undefined) throw new RangeError(`the model has no object ${name}`);
  return value;
}
