import type { CommitSha } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { pathsFor } from '../resolve/ask-resolver.ts';
import { hasConflictMarkers } from '../resolve/conflict-markers.ts';
import type { ConflictResolver, Resolution } from '../resolve/conflict-resolver.ts';
import { createSampleMerge, type MergeSample, type SampleMerge } from './sample-merge.ts';

export interface ConflictResolverSuiteOptions {
  /** Name of the resolver under test. */
  readonly name: string;
  /** Makes a resolver; called for each test. */
  readonly create: () => ConflictResolver;
  /** A merge of which the resolver decides at least one path. */
  readonly sample: MergeSample;
}

interface CaseContext {
  readonly resolver: ConflictResolver;
  readonly merge: SampleMerge;
  readonly open: (signal: AbortSignal) => Promise<SampleMerge>;
}

interface SuiteCase {
  readonly title: string;
  readonly run: (context: CaseContext) => Promise<void>;
}

function byPath(resolutions: readonly Resolution[]): readonly Resolution[] {
  return resolutions.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

const CASES: readonly SuiteCase[] = [
  {
    title: 'decides the sample, each path once and no other paths',
    run: async ({ resolver, merge: { request } }) => {
      const paths = (await resolver.resolve(request)).map(({ path }) => path);
      expect(paths).not.toEqual([]);
      expect(new Set(paths).size).toBe(paths.length);
      expect(pathsFor(resolver, request)).toEqual(expect.arrayContaining(paths));
    },
  },
  {
    title: 'writes whole files: readable, of a mode git knows, without markers',
    run: async ({ resolver, merge }) => {
      for (const { version } of await resolver.resolve(merge.request)) {
        if (version === null) continue;
        expect(['100644', '100755']).toContain(version.mode);
        expect(hasConflictMarkers((await merge.textOf(version)) ?? '<<<<<<< unreadable')).toBe(false);
      }
    },
  },
  {
    title: 'says what it dropped in single lines',
    run: async ({ resolver, merge: { request } }) => {
      for (const { dropped } of await resolver.resolve(request)) {
        for (const line of dropped) expect(line).toMatch(/^\S.*$/);
      }
    },
  },
  {
    title: 'gives equal answers to equal requests, however often others ask',
    run: async ({ resolver, merge: { request } }) => {
      const first = await resolver.resolve(request);
      const second = await resolver.resolve(request);
      // Whoever is asked aside is asked once for the same versions, and may have nothing new to say.
      if (resolver.cost === 'inline' || second.length > 0) expect(byPath(second)).toEqual(byPath(first));
    },
  },
  {
    title: 'decides nothing where nothing is undecided',
    run: async ({ resolver, merge: { request } }) => {
      expect(await resolver.resolve({ ...request, conflicts: [], changedByBoth: [] })).toEqual([]);
    },
  },
  {
    title: 'leaves links and submodules alone',
    run: async ({ resolver, merge: { request } }) => {
      for (const mode of ['120000', '160000']) {
        const as = <T extends { readonly object: CommitSha }>(version: T) => ({ ...version, mode });
        const conflicts = request.conflicts.map(({ path, base, ours, theirs }) => ({
          path,
          ...(base && { base: as(base) }),
          ...(ours && { ours: as(ours) }),
          ...(theirs && { theirs: as(theirs) }),
        }));
        expect(await resolver.resolve({ ...request, conflicts, changedByBoth: [] })).toEqual([]);
      }
    },
  },
  {
    title: 'rejects when it is aborted',
    run: async ({ resolver, open }) => {
      await using merge = await open(AbortSignal.abort());
      await expect(resolver.resolve(merge.request)).rejects.toBeDefined();
    },
  },
];

/** Declares the tests that every {@link ConflictResolver} must pass. Call it in a vitest file. */
export function runConflictResolverSuite({ name, create, sample }: ConflictResolverSuiteOptions): void {
  describe(`conflict resolver: ${name}`, () => {
    for (const { title, run } of CASES) {
      it(title, async () => {
        await using merge = await createSampleMerge(sample);
        const open = (signal: AbortSignal) => createSampleMerge(sample, signal);
        await run({ resolver: create(), merge, open });
      });
    }
  });
}
