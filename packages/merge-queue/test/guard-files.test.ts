import { describe, expect, it } from 'vitest';
import { CommitShaSchema } from '@agentswarm/core';
import { openGitSession } from '@agentswarm/git';
import { createBranchGuard, sessionSource } from '@agentswarm/merge-queue';
import { BranchFixture, look, type Entry } from './branch-fixture.ts';

const conflict = 'a\n<<<<<<< ours\nb\n||||||| base\n=======\nc\n>>>>>>> theirs\n';

/** What is found about one commit on a main that has these files. */
async function change(
  files: Readonly<Record<string, Entry>>,
  entries: (fixture: BranchFixture) => Readonly<Record<string, Entry>>,
) {
  using fixture = new BranchFixture();
  const tip = fixture.commit([], { 'README.md': 'main\n', ...files });
  return await look(fixture, { tip, head: fixture.commit([tip], entries(fixture)) });
}

describe('conflict markers', () => {
  it.each([
    ['a new file', {}, conflict],
    ['a changed file', { 'a.md': 'before\n' }, conflict],
    ['a file with CRLF', {}, conflict.replaceAll('\n', '\r\n')],
    ['a file with one of them left', { 'a.md': 'before\n' }, 'a\n>>>>>>> theirs\n'],
  ])('refuses them in %s', async (_, files, content) => {
    expect(await change(files, () => ({ 'a.md': content }))).toEqual(['refuse conflict_markers: a.md']);
  });

  it.each([
    ['a ruler', {}, { 'a.md': 'Title\n=======\n\ntext\n' }],
    ['indented markers', {}, { 'a.md': conflict.replaceAll(/^/gm, '  ') }],
    ['a binary file', {}, { 'a.bin': `\0${conflict}` }],
    ['a file that had them', { 'a.md': conflict }, { 'a.md': `${conflict}more\n` }],
    ['a file that was moved', { 'a.md': conflict }, { 'a.md': null, 'b.md': conflict }],
  ])('takes %s for what it is', async (_, files, entries) => {
    expect(await change(files, () => entries)).toEqual([]);
  });
});

describe('sizes', () => {
  it('refuses a file over the limit, and nothing at it', async () => {
    using fixture = new BranchFixture();
    const tip = fixture.commit([], { 'old.bin': 'x'.repeat(200) });
    const head = fixture.commit([tip], {
      'at.bin': 'x'.repeat(100),
      'over.bin': 'x'.repeat(101),
      'old.bin': null,
    });
    expect(await look(fixture, { tip, head, policy: { maxFileBytes: 100 } })).toEqual([
      'refuse file_too_large: over.bin',
    ]);
    expect(await look(fixture, { tip, head })).toEqual([]);
  });

  it('has a limit of 10 MB, and sees no large file where LFS left a pointer', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 99999999999\n`;
    const large = Buffer.alloc(10_000_001);
    expect(await change({}, () => ({ 'a.psd': pointer, 'b.psd': large }))).toEqual([
      'refuse file_too_large: b.psd',
    ]);
  });
});

it('tells what nobody may change from what this branch may not', async () => {
  using fixture = new BranchFixture();
  const tip = fixture.commit([], { 'SPEC.md': 'spec\n', 'lib/a.ts': 'a\n' });
  const head = fixture.commit([tip], {
    'SPEC.md': null,
    'src/x.ts': 'x\n',
    'lib/a.ts': null,
    'package.json': '{}\n',
  });
  const policy = {
    forbidden: ['spec.md', '.agentswarm/'],
    scope: ['src/', 'SPEC.md', 'package.json'],
  };
  expect(await look(fixture, { tip, head, policy })).toEqual([
    'refuse forbidden_path: SPEC.md',
    'refuse outside_scope: lib/a.ts',
  ]);
});

describe('unsafe paths', () => {
  it.each([
    ['.git/config', 'x\n'],
    ['a/.GIT/hooks/post-commit', 'x\n'],
    ['git~1', 'x\n'],
    ['a\u0007b', 'x\n'],
    ['a\nb', 'x\n'],
    ['readme.md', 'x\n'],
    ['README.md/x', 'x\n'],
    ['SRC/b.ts', 'x\n'],
    ['cafe\u0301.ts', 'x\n'],
    ['src/aux.ts', 'x\n'],
    ['src/a:b', 'x\n'],
    ['src\\c.ts', 'x\n'],
    ['src/trailing.', 'x\n'],
    ['x'.repeat(256), 'x\n'],
    [`${'x'.repeat(250)}/`.repeat(5).slice(0, -1), 'x\n'],
  ])('refuses %j', async (path, content) => {
    const files = { 'src/a.ts': 'a\n', 'caf\u00e9.ts': 'c\n' };
    const below = path === 'README.md/x';
    const found = await change(files, () => ({
      [path]: content,
      ...(below ? { 'README.md': null, 'readme.md': 'x\n' } : {}),
    }));
    expect(found).toEqual([`refuse unsafe_path: ${below ? 'README.md/x readme.md' : path}`]);
  });

  it('refuses two new names that are one elsewhere', async () => {
    expect(await change({}, () => ({ 'x/One.ts': '1\n', 'x/one.ts': '2\n', 'x/two.ts': '3\n' }))).toEqual([
      'refuse unsafe_path: x/One.ts x/one.ts',
    ]);
  });

  it('lets a name change its case, and new files join others', async () => {
    expect(await change({ 'src/a.ts': 'a\n' }, () => ({ 'README.md': null, 'Readme.md': 'main\n' }))).toEqual(
      [],
    );
    expect(await change({ 'src/a.ts': 'a\n' }, () => ({ 'src/a.ts': null, 'Src/a.ts': 'a\n' }))).toEqual([]);
    expect(await change({ 'src/a.ts': 'a\n' }, () => ({ 'src/b.ts': 'b\n' }))).toEqual([]);
  });

  it('compares names with those main has by now', async () => {
    using fixture = new BranchFixture();
    const base = fixture.commit([], { 'README.md': 'main\n', 'gone/a.ts': 'a\n' });
    const tip = fixture.commit([base], { 'Name.ts': 'main\n', 'Lib/deep/a.ts': 'a\n', 'gone/a.ts': null });
    const added = { 'name.ts': 'x\n', 'lib/deep/b.ts': 'x\n', 'Gone/b.ts': 'x\n' };
    const head = fixture.commit([base], { ...added, 'gone/a.ts': null });
    expect(await look(fixture, { tip, head })).toEqual(['refuse unsafe_path: lib/deep/b.ts name.ts']);
    const merge = fixture.commit([head, tip], added, { from: tip });
    expect(await look(fixture, { tip, head: merge })).toEqual(['refuse unsafe_path: lib/deep/b.ts name.ts']);
  });

  it('judges links by where they lead', async () => {
    const found = await change({}, (fixture) => ({
      'in/safe': fixture.link('../README.md'),
      'in/up': fixture.link('..'),
      'in/file': fixture.link('x/y'),
      'out/absolute': fixture.link('/etc/passwd'),
      'out/above': fixture.link('../../x'),
      'out/later': fixture.link('x/../../../y'),
      'out/turns': fixture.link('../x/../y'),
      'out/git': fixture.link('../.git/config'),
      'out/long': fixture.link('x'.repeat(11 * 1024 * 1024)),
    }));
    expect(found).toEqual([
      'refuse file_too_large: out/long',
      'refuse unsafe_path: out/above out/absolute out/git out/later out/long out/turns',
    ]);
  });

  it('refuses a submodule that .gitmodules does not know', async () => {
    const submodule = { mode: '160000', object: '1'.repeat(40) };
    const gitmodules = '[submodule "a"]\n\tpath = libs/a\n\turl = https://example.org/a.git\n';
    expect(await change({}, () => ({ 'libs/a': submodule }))).toEqual(['refuse unsafe_path: libs/a']);
    expect(
      await change({}, () => ({ 'libs/a': submodule, 'libs/b': submodule, '.gitmodules': gitmodules })),
    ).toEqual(['refuse unsafe_path: libs/b']);
    expect(
      await change({ 'libs/a': submodule }, () => ({ 'libs/a': { ...submodule, object: '2'.repeat(40) } })),
    ).toEqual([]);
  });

  it('takes names that are no UTF-8, and content of any kind', async () => {
    using fixture = new BranchFixture();
    const tip = fixture.commit([], { 'a.txt': 'a\n' });
    const blob = fixture.blob(Buffer.from([0xff, 0xfe, 0x0a]));
    const names = ['\xff\xfe', '\xff\xfd', 'a.txt'];
    const lines = names.map((name) => Buffer.from(`100644 blob ${blob}\t${name}\0`, 'latin1'));
    const head = fixture.commitTree(fixture.git(['mktree', '-z'], Buffer.concat(lines)), [tip]);
    expect(await look(fixture, { tip, head })).toEqual([]);
    const next = fixture.commitTree(fixture.git(['mktree', '-z'], Buffer.concat(lines.slice(1))), [head]);
    expect(await look(fixture, { tip: head, head: next })).toEqual([]);
  });
});

it('keeps up with a main that moves, also to where it was before and to another history', async () => {
  using fixture = new BranchFixture();
  const base = fixture.commit([], { a: '0\n' });
  const one = fixture.commit([base], { a: '1\n', Name: 'n\n' });
  const two = fixture.commit([one], { a: '2\n', Name: null });
  const other = fixture.commit([base], { a: '9\n', NAME: 'n\n' });
  await using session = await openGitSession({ repository: fixture.store });
  const guard = createBranchGuard(sessionSource(session));
  const found = async (tip: typeof base, entries: Readonly<Record<string, Entry>>) => {
    const head = fixture.commit([tip], entries);
    const [facts] = await session.relate(tip, [head]);
    const findings = await guard({ tip, facts: facts! });
    return findings.map(({ reason, paths }) => `${reason}: ${paths.join(' ')}`);
  };
  expect(await found(base, { name: 'x\n', a: '1\n' })).toEqual([]);
  expect(await found(one, { name: 'x\n', a: '0\n' })).toEqual(['silent_revert: a', 'unsafe_path: name']);
  expect(await found(two, { name: 'x\n', a: '0\n' })).toEqual(['silent_revert: a']);
  expect(await found(two, { name: 'x\n', a: '1\n' })).toEqual(['silent_revert: a']);
  expect(await found(one, { name: 'x\n', a: '2\n' })).toEqual(['unsafe_path: name']);
  expect(await found(other, { name: 'x\n', a: '1\n' })).toEqual(['unsafe_path: name']);
  expect(await found(other, { b: 'x\n', a: '0\n' })).toEqual(['silent_revert: a']);
});

it('goes on after a look that failed', async () => {
  using fixture = new BranchFixture();
  const tip = fixture.commit([], { a: '0\n' });
  const head = fixture.commit([tip], { b: '<<<<<<< a\n=======\n>>>>>>> b\n' });
  await using session = await openGitSession({ repository: fixture.store });
  const guard = createBranchGuard(sessionSource(session));
  const [facts] = await session.relate(tip, [head]);
  const missing = CommitShaSchema.parse('1'.repeat(40));
  const [failed, found] = await Promise.allSettled([
    guard({ tip: missing, facts: facts! }),
    guard({ tip, facts: facts! }),
  ]);
  expect(failed.status).toBe('rejected');
  expect(found).toMatchObject({ status: 'fulfilled', value: [{ reason: 'conflict_markers', paths: ['b'] }] });
});
