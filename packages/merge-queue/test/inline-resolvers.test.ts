import { describe, expect, it } from 'vitest';
import {
  duplicateResolver,
  jsonResolver,
  packageJsonResolver,
  unionResolver,
  type ConflictResolver,
} from '@agentswarm/merge-queue';
import { createSampleMerge, runConflictResolverSuite, type MergeSample } from '../src/testing.ts';

const sampleOf = (path: string, texts: { base?: string; ours: string; theirs: string }): MergeSample => ({
  base: texts.base === undefined ? {} : { [path]: texts.base },
  ours: { [path]: texts.ours },
  theirs: { [path]: texts.theirs },
});

/** What a resolver makes of one conflicted file; undefined when it declines. */
async function decide(
  resolver: ConflictResolver,
  path: string,
  texts: { base?: string; ours: string; theirs: string },
): Promise<{ text: string | undefined; dropped: readonly string[] } | undefined> {
  await using merge = await createSampleMerge(sampleOf(path, texts));
  const [resolution] = await resolver.resolve(merge.request);
  return resolution && { text: await merge.textOf(resolution.version), dropped: resolution.dropped };
}

const manifest = (dependencies: object, more: object = {}) =>
  `${JSON.stringify({ name: 'x', ...more, dependencies }, undefined, 2)}\n`;

runConflictResolverSuite({
  name: 'json',
  create: jsonResolver,
  sample: sampleOf('a/b.json', { base: '{"a":1,"b":1}', ours: '{"a":2,"b":1}', theirs: '{"a":1,"b":2}' }),
});

runConflictResolverSuite({
  name: 'package.json',
  create: packageJsonResolver,
  sample: sampleOf('package.json', {
    base: manifest({ a: '^1.0.0' }),
    ours: manifest({ a: '^1.1.0' }),
    theirs: manifest({ a: '^1.2.0' }),
  }),
});

runConflictResolverSuite({
  name: 'union',
  create: () => unionResolver({ appendOnly: ['LOG'] }),
  sample: sampleOf('LOG', { base: 'a\n', ours: 'a\nb\n', theirs: 'a\nc\n' }),
});

runConflictResolverSuite({
  name: 'duplicate',
  create: duplicateResolver,
  sample: sampleOf('new.ts', { ours: 'a\nb\n', theirs: 'a\n' }),
});

describe('json', () => {
  it('leaves other files, lockfiles and files one side removed', async () => {
    const texts = { base: '{}', ours: '{"a":1}', theirs: '{"b":1}' };
    expect(await decide(jsonResolver(), 'a.json', texts)).toEqual({ text: '{"a":1,"b":1}', dropped: [] });
    expect(await decide(jsonResolver(), 'a.txt', texts)).toBeUndefined();
    expect(await decide(jsonResolver(), 'x/package-lock.json', texts)).toBeUndefined();
    await using removed = await createSampleMerge({
      base: { 'a.json': '{}' },
      ours: {},
      theirs: { 'a.json': '{"a":1}' },
    });
    expect(await jsonResolver().resolve(removed.request)).toEqual([]);
  });

  it('leaves what is no text', async () => {
    expect(
      await decide(jsonResolver(), 'a.json', { base: '{}', ours: '{"a":"\0"}', theirs: '{"b":1}' }),
    ).toBeUndefined();
  });
});

describe('package.json', () => {
  it('takes the higher of two ranges, states the other, and keeps sorted sections sorted', async () => {
    const decided = await decide(packageJsonResolver(), 'packages/p/package.json', {
      base: manifest({ a: '^1.0.0', m: '1.0.0', z: '^1.0.0' }),
      ours: manifest({ a: '^1.4.0', b: '1.0.0', m: '1.0.0', z: '^1.0.1' }),
      theirs: manifest({ a: '^1.3.0', c: '1.0.0', m: '1.0.0', z: '^1.2.0' }, { type: 'module' }),
    });
    expect(decided?.text).toBe(
      manifest({ a: '^1.4.0', b: '1.0.0', c: '1.0.0', m: '1.0.0', z: '^1.2.0' }, { type: 'module' }),
    );
    expect(decided?.dropped).toEqual(['theirs: dependency a ^1.3.0', 'ours: dependency z ^1.0.1']);
  });

  it('sorts what both added at one place', async () => {
    const decided = await decide(packageJsonResolver(), 'package.json', {
      base: manifest({}),
      ours: manifest({ z: '1.0.0' }),
      theirs: manifest({ a: '1.0.0' }),
    });
    expect(decided?.text).toBe(manifest({ a: '1.0.0', z: '1.0.0' }));
  });

  it('leaves an unsorted section in the order of its sides', async () => {
    const decided = await decide(packageJsonResolver(), 'package.json', {
      base: manifest({ z: '1.0.0', a: '1.0.0' }),
      ours: manifest({ z: '1.0.0', a: '1.0.0', y: '1.0.0' }),
      theirs: manifest({ z: '1.0.0', a: '1.0.0', b: '1.0.0' }),
    });
    expect(decided?.text).toBe(manifest({ z: '1.0.0', a: '1.0.0', y: '1.0.0', b: '1.0.0' }));
  });

  it('declines ranges it cannot compare and versions that are no dependencies', async () => {
    const of = (range: string) => manifest({ a: range });
    const major = { base: of('^1.0.0'), ours: of('^2.0.0'), theirs: of('^3.0.0') };
    expect(await decide(packageJsonResolver(), 'package.json', major)).toBeUndefined();
    const version = (value: string) => JSON.stringify({ version: value });
    const own = { base: version('1.0.0'), ours: version('1.1.0'), theirs: version('1.2.0') };
    expect(await decide(packageJsonResolver(), 'package.json', own)).toBeUndefined();
  });
});

describe('union', () => {
  const resolver = unionResolver({ appendOnly: ['log/', 'CHANGES'], sorted: ['names.txt'] });

  it('keeps what both sides added to a log, wherever they did', async () => {
    const texts = { base: 'head\nend\n', ours: 'head\no1\nend\no2\n', theirs: 'head\nt1\nend\nt2\n' };
    expect((await decide(resolver, 'log/today', texts))?.text).toBe('head\no1\nt1\nend\no2\nt2\n');
  });

  it('keeps an entry both sides added only once', async () => {
    const texts = { base: 'a\n', ours: 'a\nsame\n', theirs: 'a\nsame' };
    expect((await decide(resolver, 'CHANGES', texts))?.text).toBe('a\nsame\n');
  });

  it('joins sorted sets', async () => {
    const texts = { base: 'b\nd\n', ours: 'a\nb\nd\n', theirs: 'b\nc\nd\n' };
    expect((await decide(resolver, 'names.txt', texts))?.text).toBe('a\nb\nc\nd\n');
  });

  it('declines a changed or removed line, a set in no order, and files nobody declared', async () => {
    expect(
      await decide(resolver, 'CHANGES', { base: 'a\nb\n', ours: 'a\n', theirs: 'a\nb\nc\n' }),
    ).toBeUndefined();
    expect(
      await decide(resolver, 'CHANGES', { base: 'a\nb\n', ours: 'a\nB\n', theirs: 'a\nb\nc\n' }),
    ).toBeUndefined();
    expect(
      await decide(resolver, 'names.txt', { base: 'a\nb\n', ours: 'a\nc\n', theirs: 'a\nb\nd\n' }),
    ).toBeUndefined();
    expect(
      await decide(resolver, 'names.txt', { base: 'b\n', ours: 'b\na\n', theirs: 'b\nc\n' }),
    ).toBeUndefined();
    expect(await decide(resolver, 'other', { base: '', ours: 'a\n', theirs: 'b\n' })).toBeUndefined();
  });
});

describe('duplicate', () => {
  const resolver = duplicateResolver();

  it('takes the file that has everything', async () => {
    const small = 'import a\nexport b\n';
    const big = 'import a\nimport x\n\nexport b  \nexport c\n';
    expect(await decide(resolver, 'n.ts', { ours: small, theirs: big })).toEqual({ text: big, dropped: [] });
    expect(await decide(resolver, 'n.ts', { ours: big, theirs: small })).toEqual({ text: big, dropped: [] });
  });

  it('takes ours when only white space at line ends differs', async () => {
    const decided = await decide(resolver, 'n.ts', { ours: 'a\nb\n', theirs: 'a  \r\nb\n\n' });
    expect(decided).toEqual({ text: 'a\nb\n', dropped: [] });
  });

  it('declines when each has something of its own, and files that existed before', async () => {
    expect(await decide(resolver, 'n.ts', { ours: 'a\nb\n', theirs: 'b\na\n' })).toBeUndefined();
    expect(await decide(resolver, 'n.ts', { ours: 'a\n  b\n', theirs: 'a\nb\n' })).toBeUndefined();
    expect(await decide(resolver, 'n.ts', { base: 'x\n', ours: 'a\n', theirs: 'a\nb\n' })).toBeUndefined();
  });
});
