import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initBareRepository, type BlobVersion, type PathConflict } from '@agentswarm/git';
import type { MergeIntents, ResolutionRequest } from '../resolve/conflict-resolver.ts';
import { SampleStore, type SampleFiles } from './sample-store.ts';

/** The three sides of a merge. A path that both sides changed differently is in conflict. */
export interface MergeSample {
  readonly base: SampleFiles;
  readonly ours: SampleFiles;
  readonly theirs: SampleFiles;
  readonly intents?: MergeIntents;
}

/** A merge in a repository of its own, removed when disposed. */
export interface SampleMerge extends AsyncDisposable {
  readonly repository: string;
  readonly request: ResolutionRequest;
  /** Text of a blob. */
  readonly textOf: (version: BlobVersion | null | undefined) => Promise<string | undefined>;
}

/** Makes the merge of a sample, without merging lines: what both sides changed needs a decision. */
export async function createSampleMerge(
  sample: MergeSample,
  signal: AbortSignal = new AbortController().signal,
): Promise<SampleMerge> {
  const repository = await mkdtemp(join(tmpdir(), 'agentswarm-merge-'));
  await initBareRepository({ directory: repository });
  const store = new SampleStore(repository);
  const base = await store.commit([], sample.base);
  const ours = await store.commit([base], sample.ours);
  const theirs = await store.commit([base], sample.theirs);
  const merged = mergeFiles(sample);
  const tree = await store.writeTree(merged.files);
  const versions = {
    base: await store.versions(base),
    ours: await store.versions(ours),
    theirs: await store.versions(theirs),
  };
  const inTree = await store.versions(tree);
  return {
    repository,
    request: {
      conflicts: merged.conflicts.map((path) => conflictOf(path, versions)),
      changedByBoth: merged.changedByBoth,
      tree,
      ours,
      theirs,
      repository,
      intents: sample.intents ?? { ours: [], theirs: [] },
      readBlob: (object) => store.readBlob(object),
      versionAt: async (path) => inTree.get(path),
      writeBlob: (content) => store.writeBlob(content),
      signal,
    },
    textOf: async (version) =>
      version ? (await store.readBlob(version.object)).toString('utf8') : undefined,
    [Symbol.asyncDispose]: () => rm(repository, { recursive: true, force: true }),
  };
}

function mergeFiles({ base, ours, theirs }: MergeSample) {
  const paths = [...new Set([base, ours, theirs].flatMap((files) => Object.keys(files)))].toSorted();
  const changedByBoth = paths.filter((path) => ours[path] !== base[path] && theirs[path] !== base[path]);
  const conflicts = changedByBoth.filter((path) => ours[path] !== theirs[path]);
  const files: Record<string, string> = {};
  for (const path of paths) {
    const merged = theirs[path] === base[path] ? ours[path] : theirs[path];
    if (conflicts.includes(path)) {
      files[path] = `<<<<<<< ours\n${ours[path] ?? ''}=======\n${theirs[path] ?? ''}>>>>>>> theirs\n`;
    } else if (merged !== undefined) files[path] = merged;
  }
  return { files, conflicts, changedByBoth };
}

type Versions = ReadonlyMap<string, BlobVersion>;

function conflictOf(
  path: string,
  sides: Readonly<Record<'base' | 'ours' | 'theirs', Versions>>,
): PathConflict {
  const [base, ours, theirs] = [sides.base.get(path), sides.ours.get(path), sides.theirs.get(path)];
  return { path, ...(base && { base }), ...(ours && { ours }), ...(theirs && { theirs }) };
}
