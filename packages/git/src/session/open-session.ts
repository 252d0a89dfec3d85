import { join } from 'node:path';
import type { CommitSha } from '@agentswarm/core';
import { GitError } from '../errors.ts';
import { commonGitDir, objectFormat, openNeutralView } from '../neutral-view.ts';
import { parseSha } from '../refs.ts';
import { runGit } from '../run-git.ts';
import { gitFeatures, gitVersion } from '../version.ts';
import { decodeCommit, encodeCommit, type CommitParts } from './commit-object.ts';
import { DiffProcess } from './diff-process.ts';
import {
  decodeTree,
  editTree,
  encodeTree,
  namesInTree,
  versionInTree,
  type TreeLine,
  type TreeStore,
} from './edit-tree.ts';
import type {
  BlobVersion,
  CommitObject,
  GitSession,
  HeadFacts,
  RefChange,
  SessionMergeResult,
  TreeChange,
  TreeEdit,
} from './git-session.ts';
import { MergeProcess } from './merge-process.ts';
import { ObjectReader, type StoredObject } from './object-reader.ts';
import { writeObject, type ObjectStore } from './object-writer.ts';
import { RefTransactions } from './ref-transactions.ts';
import { factsOf } from './relate-heads.ts';
import { syncNewObjects } from './sync-objects.ts';

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const NOBODY = { name: 'nobody', email: 'nobody@localhost' };

/**
 * Opens a repository with its git processes kept running. Works with every git from 2.38: what an older
 * one cannot do over a pipe is done with a process each time.
 *
 * @throws {GitError} `GIT_NOT_A_REPOSITORY`, `GIT_NOT_FOUND`.
 */
export async function openGitSession({ repository }: { readonly repository: string }): Promise<GitSession> {
  await using opened = new AsyncDisposableStack();
  const view = openNeutralView(repository);
  opened.defer(() => view[Symbol.dispose]());
  const { gitDir } = view;
  const source = commonGitDir(repository);
  const store = { objectsDir: join(source, 'objects'), hash: objectFormat(source) };
  const answersAtOnce = gitFeatures(await gitVersion()).interactiveMergeTree;
  const reader = opened.use(new ObjectReader(gitDir));
  const tree = writeObject(store, 'tree', Buffer.alloc(0));
  const probe = writeCommitObject(store, {
    tree,
    parents: [],
    message: '',
    author: NOBODY,
    committer: NOBODY,
    dateMs: 0,
  });
  const merges = opened.use(
    await MergeProcess.open({
      gitDir,
      answersAtOnce,
      probe,
      commitOf: (of, parent) =>
        writeCommitObject(store, {
          tree: of,
          parents: [parent],
          message: '',
          author: NOBODY,
          committer: NOBODY,
          dateMs: 0,
        }),
      treeOf: async (commit) => (await readCommit(reader, commit)).tree,
    }),
  );
  const diffs = opened.use(await DiffProcess.open({ gitDir, answersAtOnce, marker: tree }));
  const refs = opened.use(
    new RefTransactions(source, async (ref) => (await reader.info(ref))?.object ?? null),
  );
  return new Session({ repository, gitDir, store, reader, merges, diffs, refs, opened: opened.move() });
}

interface Parts {
  readonly repository: string;
  readonly gitDir: string;
  readonly store: ObjectStore;
  readonly reader: ObjectReader;
  readonly merges: MergeProcess;
  readonly diffs: DiffProcess;
  readonly refs: RefTransactions;
  readonly opened: AsyncDisposableStack;
}

class Session implements GitSession {
  readonly repository: string;
  readonly #parts: Parts;
  readonly #trees: TreeStore;
  /** Commits that are known to exist. */
  readonly #commits = new Set<CommitSha>();

  constructor(parts: Parts) {
    this.repository = parts.repository;
    this.#parts = parts;
    this.#trees = {
      readTree: (tree) => this.#readTree(tree),
      writeTree: (lines) => writeObject(parts.store, 'tree', encodeTree(lines)),
    };
  }

  async merge(request: Parameters<GitSession['merge']>[0]): Promise<SessionMergeResult> {
    const { ours, theirs, base } = request;
    // A question about a commit that does not exist would end the process.
    await Promise.all(
      [ours, theirs, ...(base === undefined ? [] : [base])].map((c) => this.#ensureCommit(c)),
    );
    return await this.#parts.merges.merge(ours, theirs, base);
  }

  writeCommit(request: CommitParts): Promise<CommitSha> {
    const commit = writeCommitObject(this.#parts.store, request);
    this.#commits.add(commit);
    return Promise.resolve(commit);
  }

  writeBlob(content: string | Uint8Array): Promise<CommitSha> {
    return Promise.resolve(writeObject(this.#parts.store, 'blob', Buffer.from(content)));
  }

  async editTree(base: CommitSha, edits: readonly TreeEdit[]): Promise<CommitSha> {
    return await editTree(this.#trees, await this.#treeOf(base), edits);
  }

  async readBlob(
    object: CommitSha,
    options: { readonly maxBytes?: number } = {},
  ): Promise<Buffer | undefined> {
    const { reader } = this.#parts;
    const info = await reader.info(object);
    if (info?.type !== 'blob') return undefined;
    const { maxBytes = DEFAULT_MAX_BYTES } = options;
    if (info.bytes > maxBytes) {
      throw new GitError('GIT_OUTPUT_TOO_LARGE', `${object} has ${info.bytes} bytes, more than ${maxBytes}`);
    }
    return (await reader.read(object))?.content;
  }

  async sizesOf(objects: readonly CommitSha[]): Promise<readonly (number | undefined)[]> {
    return (await this.#parts.reader.infos(objects)).map((info) => info?.bytes);
  }

  async versionAt(commit: CommitSha, path: string): Promise<BlobVersion | undefined> {
    return await versionInTree(this.#trees, await this.#treeOf(commit), path);
  }

  async namesIn(commit: CommitSha, directory: string): Promise<readonly string[]> {
    return await namesInTree(this.#trees, await this.#treeOf(commit), directory);
  }

  async readCommit(commit: CommitSha): Promise<CommitObject | undefined> {
    const found = await this.#parts.reader.read(commit);
    return found?.type === 'commit' ? decodeCommit(found.content) : undefined;
  }

  async commitsAmong(objects: readonly CommitSha[]): Promise<readonly CommitSha[]> {
    const infos = await this.#parts.reader.infos(objects);
    const commits = objects.filter((_, index) => infos[index]?.type === 'commit');
    for (const commit of commits) this.#commits.add(commit);
    return commits;
  }

  async diff(before: CommitSha, after: CommitSha): Promise<readonly TreeChange[]> {
    const [from, to] = await Promise.all([this.#treeOf(before), this.#treeOf(after)]);
    return await this.#parts.diffs.diff(from, to);
  }

  async updateRefs(changes: readonly RefChange[]) {
    const { gitDir, store, refs } = this.#parts;
    for (const { ref, old, new: to } of changes) {
      if (to === null || to === old || !ref.startsWith('refs/heads/')) continue;
      await syncNewObjects({ gitDir, objectsDir: store.objectsDir, from: old, to });
    }
    return await refs.change(changes);
  }

  async resolveRef(ref: string): Promise<CommitSha | undefined> {
    return (await this.#parts.reader.info(ref))?.object;
  }

  async relate(tip: CommitSha, heads: readonly CommitSha[]): Promise<readonly HeadFacts[]> {
    const { gitDir } = this.#parts;
    const present = new Set(await this.commitsAmong(heads));
    const stdin = [...present, `^${tip}`, ''].join('\n');
    const walk = await runGit({ gitDir, args: ['rev-list', '--parents', '--stdin'], stdin });
    const own = new Map(
      walk.stdout
        .toString('latin1')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [commit = '', ...parents] = line.split(' ');
          return [parseSha(commit), parents.map(parseSha)] as const;
        }),
    );
    return heads.map((head) =>
      present.has(head) ? factsOf(head, own) : { head, relation: 'missing', commits: [], frontier: [] },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.opened.disposeAsync();
  }

  async #ensureCommit(commit: CommitSha): Promise<void> {
    if (this.#commits.has(commit)) return;
    if ((await this.#parts.reader.info(commit))?.type !== 'commit') {
      throw new GitError('GIT_FAILED', `there is no commit ${commit}`, { details: { commit } });
    }
    this.#commits.add(commit);
  }

  async #treeOf(name: CommitSha): Promise<CommitSha> {
    const info = await this.#parts.reader.info(`${name}^{tree}`);
    if (info !== undefined) return info.object;
    throw new GitError('GIT_FAILED', `there is no commit or tree ${name}`, { details: { name } });
  }

  async #readTree(tree: CommitSha): Promise<readonly TreeLine[]> {
    const { reader, store } = this.#parts;
    const found = await reader.read(tree);
    if (found?.type === 'tree') return decodeTree(found.content, store.hash === 'sha1' ? 20 : 32);
    throw missing('tree', tree, found);
  }
}

async function readCommit(reader: ObjectReader, commit: CommitSha): Promise<CommitObject> {
  const found = await reader.read(commit);
  if (found?.type === 'commit') return decodeCommit(found.content);
  throw missing('commit', commit, found);
}

function missing(type: string, object: CommitSha, found: StoredObject | undefined): GitError {
  return new GitError('GIT_FAILED', `${object} is no ${type}`, { details: { object, type: found?.type } });
}

function writeCommitObject(store: ObjectStore, parts: CommitParts): CommitSha {
  return writeObject(store, 'commit', encodeCommit(parts));
}
