import { CommitShaSchema, type CommitSha } from '@agentswarm/core';
import { commitTree, listTree, readBlob, writeBlobIntoTree, type BlobVersion } from '@agentswarm/git';
import { MergeQueueError } from '../errors.ts';

/** Contents by path. */
export type SampleFiles = Readonly<Record<string, string>>;

const EMPTY_TREE = CommitShaSchema.parse('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
const AUTHOR = { name: 'Test', email: 'test@example.invalid' };
const DATE_MS = Date.UTC(2000, 0, 1);

/** Writes and reads objects of a repository, a few processes each. */
export class SampleStore {
  readonly #repository: string;
  /** Where blobs can be found: git reads them by path. */
  readonly #places = new Map<CommitSha, { readonly commit: CommitSha; readonly path: string }>();

  constructor(repository: string) {
    this.#repository = repository;
  }

  async writeTree(files: SampleFiles): Promise<CommitSha> {
    let tree = EMPTY_TREE;
    for (const [path, content] of Object.entries(files)) {
      tree = await writeBlobIntoTree({ repository: this.#repository, base: tree, path, content });
    }
    return tree;
  }

  async commit(parents: readonly CommitSha[], files: SampleFiles): Promise<CommitSha> {
    const tree = await this.writeTree(files);
    return await commitTree({
      repository: this.#repository,
      tree,
      parents,
      message: 'sample',
      author: AUTHOR,
      dateMs: DATE_MS,
    });
  }

  async versions(commit: CommitSha): Promise<ReadonlyMap<string, BlobVersion>> {
    const entries = await listTree({ repository: this.#repository, commit });
    for (const { path, object } of entries) this.#places.set(object, { commit, path });
    return new Map(entries.map(({ path, mode, object }) => [path, { mode, object }]));
  }

  async writeBlob(content: string | Uint8Array): Promise<CommitSha> {
    const repository = this.#repository;
    const tree = await writeBlobIntoTree({ repository, base: EMPTY_TREE, path: 'blob', content });
    const version = (await this.versions(tree)).get('blob');
    if (version === undefined) throw new MergeQueueError('REPOSITORY_FAILED', 'a blob was not written');
    return version.object;
  }

  async readBlob(object: CommitSha): Promise<Buffer> {
    const place = this.#places.get(object);
    const content = place && (await readBlob({ repository: this.#repository, ...place }));
    if (content === undefined) throw new MergeQueueError('REPOSITORY_FAILED', `no blob ${object}`);
    return content;
  }
}
