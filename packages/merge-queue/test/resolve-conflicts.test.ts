import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { CommitShaSchema, silentLogger, type CommitSha, type Logger } from '@agentswarm/core';
import { readBlob, type TreeEdit } from '@agentswarm/git';
import {
  createResolutionCache,
  defaultResolvers,
  jsonResolver,
  resolveConflicts,
  type ConflictAgent,
  type ConflictResolver,
  type Resolution,
  type ResolvedConflicts,
  type ResolutionCache,
} from '@agentswarm/merge-queue';
import { createSampleMerge, type MergeSample, type SampleMerge } from '../src/testing.ts';

const SAMPLE: MergeSample = {
  base: { 'a.json': '{"a":1,"b":1}', 'b.txt': 'base\n', 'clean.lock': 'base\n' },
  ours: { 'a.json': '{"a":2,"b":1}', 'b.txt': 'ours\n', 'clean.lock': 'both\n' },
  theirs: { 'a.json': '{"a":1,"b":2}', 'b.txt': 'theirs\n', 'clean.lock': 'both\n' },
};

/** Edits trees with git itself, in an index that nobody else uses. */
function editTreeOf({ repository }: SampleMerge) {
  return async (base: CommitSha, edits: readonly TreeEdit[]) => {
    const git = (args: readonly string[], input = '') =>
      execFileSync('git', ['-C', repository, ...args], {
        env: { PATH: process.env.PATH, GIT_INDEX_FILE: `${repository}/edit-index` },
        encoding: 'utf8',
        input,
      }).trim();
    git(['read-tree', base]);
    const lines = edits.map(({ path, version }) =>
      version === null ? `0 ${'0'.repeat(40)}\t${path}\n` : `${version.mode} ${version.object}\t${path}\n`,
    );
    git(['update-index', '--index-info'], lines.join(''));
    return CommitShaSchema.parse(git(['write-tree']));
  };
}

interface Run {
  readonly merge: SampleMerge;
  readonly cache?: ResolutionCache;
  readonly onlyInline?: boolean;
  readonly logger?: Logger;
}

function run(resolvers: readonly ConflictResolver[], options: Run): Promise<ResolvedConflicts> {
  const { merge, cache = createResolutionCache(), onlyInline = false, logger = silentLogger } = options;
  return resolveConflicts({
    resolvers,
    request: merge.request,
    editTree: editTreeOf(merge),
    cache,
    onlyInline,
    logger,
  });
}

async function textIn({ repository }: SampleMerge, commit: string, path: string) {
  return (await readBlob({ repository, commit, path }))?.toString('utf8');
}

/** A resolver that gives what it is told to, and counts how often it is asked. */
function scripted(
  more: Partial<ConflictResolver>,
  answer: ConflictResolver['resolve'],
): ConflictResolver & { readonly asked: () => number } {
  let asked = 0;
  return {
    name: 'scripted',
    cost: 'aside',
    ...more,
    resolve: (request) => {
      asked += 1;
      return answer(request);
    },
    asked: () => asked,
  };
}

function recordingLogger(lines: object[]): Logger {
  const logger: Logger = { ...silentLogger, warn: (fields) => lines.push(fields), child: () => logger };
  return logger;
}

it('hands on what earlier resolvers left, and puts what they decided into the tree', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const seen: unknown[] = [];
  const second = scripted({ name: 'second' }, async (request) => {
    seen.push(request.conflicts.map(({ path }) => path));
    const version = await request.versionAt('a.json');
    seen.push(await merge.textOf(version), await textIn(merge, request.tree, 'a.json'));
    return [{ path: 'b.txt', version: null, dropped: ['ours: ours'] }];
  });
  const result = await run([jsonResolver(), second], { merge });
  expect(seen).toEqual([['b.txt'], '{"a":2,"b":2}', '{"a":2,"b":2}']);
  expect(result).toMatchObject({ remaining: [], asideCouldHelp: false });
  expect(result.resolved.map(({ path, resolver }) => [path, resolver])).toEqual([
    ['a.json', 'json'],
    ['b.txt', 'second'],
  ]);
  expect(await textIn(merge, result.tree, 'a.json')).toBe('{"a":2,"b":2}');
  expect(await textIn(merge, result.tree, 'b.txt')).toBeUndefined();
  expect(await textIn(merge, result.tree, 'clean.lock')).toBe('both\n');
});

it('changes nothing when nobody knows', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const result = await run([], { merge });
  const { tree, conflicts } = merge.request;
  expect(result).toEqual({ tree, resolved: [], remaining: conflicts, asideCouldHelp: false });
});

it('ignores answers for other paths, with markers, without a file, and second ones', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const { request } = merge;
  const write = async (path: string, text: string): Promise<Resolution> => ({
    path,
    version: { mode: '100644', object: await request.writeBlob(text) },
    dropped: [],
  });
  const missing = { mode: '100644', object: CommitShaSchema.parse('1'.repeat(40)) };
  const lines: object[] = [];
  const resolver = scripted({ cost: 'inline' }, async () => [
    await write('other.txt', 'x'),
    await write('clean.lock', 'x'),
    await write('b.txt', 'a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n'),
    { path: 'b.txt', version: missing, dropped: [] },
    { path: 'b.txt', version: { ...missing, mode: '160000' }, dropped: [] },
    await write('a.json', '{}'),
    await write('a.json', '[]'),
  ]);
  const result = await run([resolver], { merge, logger: recordingLogger(lines) });
  expect(result.resolved.map(({ path }) => path)).toEqual(['a.json']);
  expect(await textIn(merge, result.tree, 'a.json')).toBe('{}');
  expect(result.remaining.map(({ path }) => path)).toEqual(['b.txt']);
  expect(lines.length).toBeGreaterThanOrEqual(6);
});

it('lets a resolver answer for merged paths it watches, and only for those', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const object = await merge.request.writeBlob('new\n');
  const resolver = scripted({ watches: (path) => path === 'clean.lock' }, async () => [
    { path: 'clean.lock', version: { mode: '100644', object }, dropped: [] },
  ]);
  const result = await run([resolver], { merge });
  expect(await textIn(merge, result.tree, 'clean.lock')).toBe('new\n');
});

it('does not ask a resolver that watches paths about others', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const resolver = scripted({ watches: (path) => path === 'never.lock' }, async () => []);
  expect(await run([resolver], { merge, onlyInline: true })).toMatchObject({ asideCouldHelp: false });
  expect(await run([resolver], { merge })).toMatchObject({ resolved: [] });
  expect(resolver.asked()).toBe(0);
});

it('takes a resolver that fails for one that declines, and says so', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const lines: object[] = [];
  const broken = scripted({ name: 'broken' }, () => Promise.reject(new RangeError('no')));
  const result = await run([broken, jsonResolver()], { merge, logger: recordingLogger(lines) });
  expect(result.resolved.map(({ path }) => path)).toEqual(['a.json']);
  expect(result.asideCouldHelp).toBe(false);
  expect(lines).toEqual([expect.objectContaining({ resolver: 'broken', message: 'no' })]);
});

it('rejects when it is aborted, and remembers nothing of that', async () => {
  const abort = new AbortController();
  await using merge = await createSampleMerge(SAMPLE, abort.signal);
  const cache = createResolutionCache();
  const resolver = scripted({}, async ({ signal }) => {
    abort.abort();
    signal.throwIfAborted();
    return [];
  });
  await expect(run([resolver], { merge, cache })).rejects.toMatchObject({ name: 'AbortError' });
  await using again = await createSampleMerge(SAMPLE);
  expect(await run([resolver], { merge: again, cache, onlyInline: true })).toMatchObject({
    asideCouldHelp: true,
  });
});

it('asks nobody aside while composing, and uses what was answered before', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const cache = createResolutionCache();
  const object = await merge.request.writeBlob('decided\n');
  const resolver = scripted({}, async () => [
    { path: 'b.txt', version: { mode: '100644', object }, dropped: [] },
  ]);
  const resolvers = [jsonResolver(), resolver];
  const first = await run(resolvers, { merge, cache, onlyInline: true });
  expect(first).toMatchObject({ asideCouldHelp: true, remaining: [{ path: 'b.txt' }] });
  expect(resolver.asked()).toBe(0);
  const aside = await run(resolvers, { merge, cache });
  expect(aside).toMatchObject({ asideCouldHelp: false, remaining: [] });
  const last = await run(resolvers, { merge, cache, onlyInline: true });
  expect(last).toEqual(aside);
  expect(resolver.asked()).toBe(1);
});

it('remembers that somebody declined, until the versions or what else matters change', async () => {
  const cache = createResolutionCache();
  let context = 'one';
  const resolver = scripted({ contextOf: async () => context }, async () => []);
  await using merge = await createSampleMerge(SAMPLE);
  await run([resolver], { merge, cache });
  expect(await run([resolver], { merge, cache, onlyInline: true })).toMatchObject({ asideCouldHelp: false });
  context = 'two';
  expect(await run([resolver], { merge, cache, onlyInline: true })).toMatchObject({ asideCouldHelp: true });
  context = 'one';
  await using changed = await createSampleMerge({ ...SAMPLE, ours: { ...SAMPLE.ours, 'b.txt': 'newer\n' } });
  const later = await run([resolver], { merge: changed, cache, onlyInline: true });
  expect(later).toMatchObject({ asideCouldHelp: true });
});

it('by default puts rules before judgement', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const shown: unknown[] = [];
  const agent: ConflictAgent = {
    propose: async ({ conflicts }) => {
      shown.push(...conflicts);
      return [{ path: 'b.txt', content: 'ours and theirs\n' }];
    },
  };
  const result = await run(defaultResolvers({ agent }), { merge });
  expect(shown).toEqual([{ path: 'b.txt', base: 'base\n', ours: 'ours\n', theirs: 'theirs\n' }]);
  expect(result.resolved.map(({ resolver }) => resolver)).toEqual(['json', 'agent']);
});
