import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommitShaSchema, systemClock, type CommitSha } from '@agentswarm/core';
import type { BlobVersion } from '@agentswarm/git';
import { openGitRepository } from '../../src/repository/git-repository.ts';
import type { LandingRepository } from '../../src/repository/landing-repository.ts';
import { LandingFixture, target, type Files } from '../landing-fixture.ts';
import { MemoryRepository } from './memory-repository.ts';
import { MemoryStore } from './memory-store.ts';
import { MemoryTree } from './memory-tree.ts';

const runs = process.env.TEST_DEEP === undefined ? 100 : 1000;
const EMPTY_TREE = CommitShaSchema.parse('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
const BASE: Files = { a: 'a 0\n', b: 'b 0\n', 'd/c': 'd/c 0\n' };
const noSignal = new AbortController().signal;

interface CommitSpec {
  /** Places of its parents among the commits before it, to be cut to those there are. */
  readonly parents: readonly number[];
  /** What it writes by path; null deletes. */
  readonly edits: Readonly<Record<string, string | null>>;
}

const commitSpec: fc.Arbitrary<CommitSpec> = fc.record({
  parents: fc.array(fc.nat(7), { minLength: 1, maxLength: 2 }),
  edits: fc.dictionary(fc.constantFrom('a', 'b', 'd/c', 'd/e'), fc.option(fc.constantFrom('1', '2', '3')), {
    maxKeys: 3,
  }),
});

/** One of the two implementations, with the commits of the history in the order in which they were written. */
interface Side {
  readonly repository: LandingRepository;
  readonly commits: readonly CommitSha[];
  readonly emptyTree: CommitSha;
}

let fixture: LandingFixture;
let git: LandingRepository;
beforeAll(async () => {
  fixture = new LandingFixture(BASE);
  git = (await openGitRepository({ repository: fixture.store, target, clock: systemClock })).repository;
});
afterAll(async () => {
  await git[Symbol.asyncDispose]();
  fixture[Symbol.dispose]();
});

/** The same history in both. */
function writeHistory(specs: readonly CommitSpec[]): readonly [git: Side, model: Side] {
  const store = new MemoryStore(BASE);
  const [gits, ours] = [[fixture.base], [store.base]];
  for (const [index, { parents, edits }] of specs.entries()) {
    const places = [...new Set(parents.map((parent) => parent % ours.length))];
    const [first = 0] = places;
    // A file of its own keeps commits apart that would otherwise be one.
    const files: Files = {
      ...Object.fromEntries(
        Object.entries(edits)
          .filter(([path, text]) => text !== null || store.tree(at(ours, first)).get(path) !== undefined)
          .map(([path, text]) => [path, text === null ? null : `${path} ${text}\n`]),
      ),
      [`own/${index}`]: `only here ${index}\n`,
    };
    const parentsIn = (commits: readonly CommitSha[]) => places.map((place) => at(commits, place));
    const written = fixture.write(fixture.store, parentsIn(gits), files, `${index}`);
    ours.push(store.write(parentsIn(ours), files, `${index}`));
    gits.push(written);
  }
  const model = new MemoryRepository(store);
  return [
    { repository: git, commits: gits, emptyTree: EMPTY_TREE },
    { repository: model, commits: ours, emptyTree: MemoryTree.empty.name },
  ];
}

describe('the repository in memory and the one on git', () => {
  it('say the same about random histories', async () => {
    let [merges, conflicts] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(commitSpec, { minLength: 2, maxLength: 8 }), async (specs) => {
        const [onGit, inMemory] = writeHistory(specs);
        expect(await describeHistory(inMemory)).toEqual(await describeHistory(onGit));
        const pairs = pairsWithOneBase(onGit.commits);
        const expected = await describeMerges(onGit, pairs);
        expect(await describeMerges(inMemory, pairs)).toEqual(expected);
        merges += expected.length;
        conflicts += expected.filter(({ kind }) => kind === 'conflicted').length;
      }),
      { numRuns: runs },
    );
    // The comparison means something: both kinds of outcomes were among it.
    expect(conflicts).toBeGreaterThan(runs / 20);
    expect(merges - conflicts).toBeGreaterThan(runs / 20);
  }, 900_000);

  it('move the target once, and tell who was too late where it is', async () => {
    for (const side of writeHistory([{ parents: [0], edits: { a: '1' } }])) {
      const { repository, commits } = side;
      const [base, next] = [at(commits, 0), at(commits, 1)];
      expect(await repository.tip(noSignal)).toBe(base);
      expect(await repository.move({ old: base, new: next })).toEqual({ kind: 'moved_to_new' });
      expect(await repository.tip(noSignal)).toBe(next);
      expect(await repository.move({ old: base, new: next })).toEqual({ kind: 'lost_race', actual: next });
    }
  });
});

/** Everything about a history that does not depend on the names of objects. */
async function describeHistory(side: Side) {
  const { repository, commits } = side;
  const missing = CommitShaSchema.parse('1'.repeat(40));
  const placesOf = (found: readonly CommitSha[]) => found.map((commit) => commits.indexOf(commit)).sort();
  const last = at(commits, commits.length - 1);
  const described = [];
  for (const commit of commits) {
    const facts = await repository.relate(commit, [...commits, missing]);
    const chain = await repository.firstParents(commit, last);
    const changes = await repository.diff(commit, last);
    described.push({
      // The first commit comes from the two fixtures, who call it differently.
      ...(commit === commits[0] ? {} : { message: (await repository.messageOf(commit)).trim() }),
      parents: placesOf(await repository.parentsOf(commit)),
      files: await filesOf(side, await repository.treeOf(commit)),
      b: await textOf(side, await repository.versionAt(commit, 'b')),
      changed: changes.map(({ path, before, after }) => [path, before?.mode, after?.mode]),
      chain: chain.map(({ commit: name, parents }) => [commits.indexOf(name), placesOf(parents)]),
      relations: facts.map(({ relation, commits: own, frontier }) => ({
        relation,
        own: placesOf(own),
        frontier: placesOf(frontier),
      })),
    });
  }
  return described;
}

/** What merging pairs of commits comes to, in texts. */
async function describeMerges(side: Side, pairs: readonly (readonly [number, number])[]) {
  const { repository, commits } = side;
  const described = [];
  for (const [onto, head] of pairs) {
    const merged = await repository.merge({ onto: at(commits, onto), head: at(commits, head) });
    if (merged.kind === 'clean') {
      described.push({ kind: merged.kind, onto, head, files: await filesOf(side, merged.tree) });
      continue;
    }
    const conflicts = [];
    for (const { path, base, ours, theirs } of merged.conflicts) {
      const texts = [base, ours, theirs].map((version) => textOf(side, version));
      conflicts.push([path, ...(await Promise.all(texts))]);
    }
    described.push({ kind: merged.kind, onto, head, conflicts });
  }
  return described;
}

/** Pairs of places whose commits have a single merge base: where git makes one up of several, the model does not. */
function pairsWithOneBase(commits: readonly CommitSha[]): readonly (readonly [number, number])[] {
  const onto = commits.length - 1;
  const heads = commits.slice(-5, -1).map((head) => commits.indexOf(head));
  return heads
    .filter((head) => {
      const bases = fixture.git(fixture.store, 'merge-base', '--all', at(commits, onto), at(commits, head));
      return bases.split('\n').length === 1;
    })
    .map((head) => [onto, head]);
}

async function filesOf(side: Side, tree: CommitSha) {
  const changes = await side.repository.diff(side.emptyTree, tree);
  return await Promise.all(changes.map(async ({ path, after }) => [path, await textOf(side, after)]));
}

async function textOf({ repository }: Side, version: BlobVersion | undefined): Promise<string | undefined> {
  return version === undefined ? undefined : (await repository.readBlob(version.object)).toString('utf8');
}

function at(commits: readonly CommitSha[], place: number): CommitSha {
  const commit = commits[place];
  if (commit === undefined) throw new RangeError(`there is no commit ${place}`);
  return commit;
}
