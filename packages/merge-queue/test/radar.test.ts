import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CommitShaSchema, type CommitSha } from '@agentswarm/core';
import { openGitSession } from '@agentswarm/git';
import { createRadar, type ConflictingPair, type Radar } from '@agentswarm/merge-queue';
import { BranchFixture, type Entry } from './branch-fixture.ts';

const numRuns = process.env.TEST_DEEP === undefined ? 15 : 200;

const text = (word: string) => Array.from({ length: 12 }, (_, n) => `${word} ${n}\n`).join('');
const MAIN = { 'a.ts': text('a'), 'b.ts': text('b'), 'dir/c.ts': text('c'), 'dir/d.ts': text('d') };

/** What a branch can do to a path: edits at three places, removal, moving it, and names that become directories. */
const edit = fc.oneof(
  fc.record({
    path: fc.constantFrom(...Object.keys(MAIN)),
    line: fc.constantFrom(0, 5, 11),
    word: fc.constantFrom('x', 'y'),
  }),
  fc.record({
    path: fc.constantFrom(...Object.keys(MAIN)),
    to: fc.constantFrom(undefined, 'new/e.ts', 'f.ts'),
  }),
  fc.record({
    path: fc.constantFrom('new', 'new/g.ts', 'f.ts', 'dir/h.ts'),
    content: fc.constantFrom('1\n', '2\n'),
  }),
);
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

const branch = fc.record({
  /** Which of the commits made so far it is built on. */
  on: fc.nat(20),
  /** Another of them that it merges, keeping its own files. */
  merges: fc.option(fc.nat(20), { freq: 4 }),
  edits: fc.array(edit, { minLength: 1, maxLength: 3 }),
});

function entriesOf(edits: readonly Edit[]): Readonly<Record<string, Entry>> {
  const entries: Record<string, Entry> = {};
  const contentOf = (path: string) => MAIN[path as keyof typeof MAIN];
  for (const one of edits) {
    if ('content' in one) entries[one.path] = one.content;
    else if ('line' in one) {
      entries[one.path] = contentOf(one.path).split('\n').with(one.line, one.word).join('\n');
    } else {
      entries[one.path] = null;
      if (one.to !== undefined) entries[one.to] = contentOf(one.path);
    }
  }
  return entries;
}

/** Conflicted paths by plain git; sorted, empty when it merges. */
function oracle(fixture: BranchFixture, ours: CommitSha, theirs: CommitSha): readonly string[] {
  const args = ['merge-tree', '--write-tree', '-z', '--no-messages', '--name-only', ours, theirs];
  const { status, stdout } = fixture.tryGit(args);
  expect([0, 1]).toContain(status);
  const [tree, ...paths] = stdout.split('\0').filter((field) => field !== '');
  expect(tree).toMatch(/^[0-9a-f]{40}$/);
  // A file in the way of a directory gets the name of its commit appended.
  const named = paths.map((path) => path.replace(`~${ours}`, '').replace(`~${theirs}`, ''));
  return status === 0 ? [] : [...new Set(named)].toSorted();
}

function bruteForce(
  fixture: BranchFixture,
  heads: ReadonlyMap<string, CommitSha>,
): readonly ConflictingPair[] {
  const tickets = [...heads.keys()].toSorted();
  return tickets.flatMap((a, index) =>
    tickets.slice(index + 1).flatMap((b) => {
      const paths = oracle(fixture, heads.get(a)!, heads.get(b)!);
      return paths.length === 0 ? [] : [{ a, b, paths }];
    }),
  );
}

it('equals merging every pair with plain git, after any calls in any order', async () => {
  const call = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ add: branch, ticket: fc.constantFrom('t1', 't2', 't3', 't4', 't5', 't6') }),
    },
    { weight: 1, arbitrary: fc.record({ remove: fc.constantFrom('t1', 't2', 't3') }) },
    { weight: 1, arbitrary: fc.record({ land: fc.nat(20) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 4, maxLength: 12 }), async (calls) => {
      using fixture = new BranchFixture();
      await using session = await openGitSession({ repository: fixture.store });
      const commits = [fixture.commit([], MAIN)];
      const pick = (n: number) => commits[n % commits.length]!;
      let tip = pick(0);
      const heads = new Map<string, CommitSha>();
      const radar = createRadar({ session, target: tip });
      for (const one of calls) {
        if ('remove' in one) {
          expect(await radar.remove(one.remove)).toBe(heads.delete(one.remove));
        } else if ('land' in one) {
          const landed = pick(one.land);
          if (oracle(fixture, tip, landed).length > 0) continue;
          const tree = fixture.git(['merge-tree', '--write-tree', tip, landed]);
          tip = fixture.commitTree(tree, [tip, landed]);
          commits.push(tip);
          await radar.setTarget(tip);
        } else {
          const parents = [pick(one.add.on), ...(one.add.merges === null ? [] : [pick(one.add.merges)])];
          const head = fixture.commit([...new Set(parents)], entriesOf(one.add.edits), {
            message: `${commits.length}`,
          });
          commits.push(head);
          heads.set(one.ticket, head);
          await radar.add({ ticket: one.ticket, head });
        }
      }
      expect(radar.matrix()).toEqual(bruteForce(fixture, heads));
      const fresh = createRadar({ session, target: tip });
      for (const [ticket, head] of heads) await fresh.add({ ticket, head });
      expect(fresh.matrix()).toEqual(radar.matrix());
      for (const [ticket, head] of heads) await checkReport(fixture, { radar, tip, ticket, head });
    }),
    { numRuns },
  );
}, 900_000);

async function checkReport(
  fixture: BranchFixture,
  { radar, tip, ticket, head }: { radar: Radar; tip: CommitSha; ticket: string; head: CommitSha },
): Promise<void> {
  const report = await radar.check(head);
  const paths = oracle(fixture, tip, head);
  expect(report.target).toEqual(paths.length === 0 ? { kind: 'clean' } : { kind: 'conflicting', paths });
  if (paths.length > 0) expect(report.suggestedBase).toBe(tip);
  const mine = radar.matrix().filter(({ a, b }) => a === ticket || b === ticket);
  expect(report.inFlight).toEqual(
    mine.map(({ a, b, paths: shared }) => ({ ticket: a === ticket ? b : a, paths: shared })),
  );
}

it('tells who is in the way of a head that is not in flight, and what to build on', async () => {
  using fixture = new BranchFixture();
  await using session = await openGitSession({ repository: fixture.store });
  const base = fixture.commit([], MAIN);
  const radar = createRadar({ session, target: base });
  await radar.add({ ticket: 'one', head: fixture.commit([base], { 'a.ts': 'one\n', 'b.ts': 'one\n' }) });
  await radar.add({ ticket: 'two', head: fixture.commit([base], { 'dir/c.ts': 'two\n' }) });
  const head = fixture.commit([base], { 'a.ts': 'three\n', 'b.ts': 'three\n', 'e.ts': 'three\n' });
  const inFlight = [{ ticket: 'one', paths: ['a.ts', 'b.ts'] }];
  expect(await radar.check(head)).toEqual({ target: { kind: 'clean' }, inFlight, suggestedBase: base });
  const tip = fixture.commit([base], { 'e.ts': 'main\n' });
  await radar.setTarget(tip);
  expect(await radar.check(head)).toEqual({
    target: { kind: 'conflicting', paths: ['e.ts'] },
    inFlight,
    suggestedBase: tip,
  });
  expect(radar.matrix()).toEqual([]);
});

it('asks git only about the new head, and not about pairs that cannot conflict', async () => {
  using fixture = new BranchFixture();
  await using session = await openGitSession({ repository: fixture.store });
  const base = fixture.commit([], MAIN);
  let merges = 0;
  const counting = {
    diff: session.diff.bind(session),
    readCommit: session.readCommit.bind(session),
    relate: session.relate.bind(session),
    merge: (request: Parameters<typeof session.merge>[0]) => {
      merges += 1;
      return session.merge(request);
    },
  };
  const radar = createRadar({ session: counting, target: base });
  for (let n = 0; n < 8; n += 1) {
    const path = n % 2 === 0 ? 'a.ts' : `own${n}.ts`;
    await radar.add({ ticket: `t${n}`, head: fixture.commit([base], { [path]: `${n}\n` }) });
  }
  merges = 0;
  await radar.add({ ticket: 't8', head: fixture.commit([base], { 'a.ts': '8\n' }) });
  // The target, and the four that write the same file.
  expect(merges).toBe(5);
  expect(radar.matrix()).toHaveLength(10);
  merges = 0;
  await radar.setTarget(fixture.commit([base], { 'b.ts': 'main\n' }));
  expect(merges).toBe(9);
});

it('stays as it was when a call is aborted or fails, and goes on', async () => {
  using fixture = new BranchFixture();
  await using session = await openGitSession({ repository: fixture.store });
  const base = fixture.commit([], MAIN);
  const [one, two] = [fixture.commit([base], { 'a.ts': '1\n' }), fixture.commit([base], { 'a.ts': '2\n' })];
  const abort = new AbortController();
  const aborting = {
    diff: session.diff.bind(session),
    readCommit: session.readCommit.bind(session),
    relate: session.relate.bind(session),
    merge: (request: Parameters<typeof session.merge>[0]) => {
      abort.abort();
      return session.merge(request);
    },
  };
  const radar = createRadar({ session: aborting, target: base });
  await radar.add({ ticket: 'one', head: one });
  const { signal } = abort;
  await expect(radar.add({ ticket: 'two', head: two }, { signal })).rejects.toBe(signal.reason);
  await expect(radar.check(two, { signal })).rejects.toBe(signal.reason);
  await expect(radar.setTarget(two, { signal })).rejects.toBe(signal.reason);
  expect(radar.matrix()).toEqual([]);
  await radar.add({ ticket: 'two', head: two });
  expect(radar.matrix()).toEqual([{ a: 'one', b: 'two', paths: ['a.ts'] }]);
  expect((await radar.check(one)).target).toEqual({ kind: 'clean' });
});

it('sees what the target wrote between two forks, and a directory that was moved', async () => {
  using fixture = new BranchFixture();
  await using session = await openGitSession({ repository: fixture.store });
  const base = fixture.commit([], MAIN);
  const tip = fixture.commit([base], { 'a.ts': 'main\n' });
  const moved = {
    'dir/c.ts': null,
    'dir/d.ts': null,
    'to/c.ts': MAIN['dir/c.ts'],
    'to/d.ts': MAIN['dir/d.ts'],
  };
  const heads = new Map([
    ['adds', fixture.commit([tip], { 'dir/h.ts': 'h\n' })],
    ['moves', fixture.commit([tip], moved)],
    ['old', fixture.commit([base], { 'a.ts': 'old\n' })],
  ]);
  const radar = createRadar({ session, target: tip });
  for (const [ticket, head] of heads) await radar.add({ ticket, head });
  expect(radar.matrix()).toEqual(bruteForce(fixture, heads));
  expect(radar.matrix().map(({ a, b }) => `${a} ${b}`)).toEqual(['adds moves', 'adds old', 'moves old']);
});

it('has heads without a history in common with the target in flight, and compares those with each other', async () => {
  using fixture = new BranchFixture();
  await using session = await openGitSession({ repository: fixture.store });
  const target = fixture.commit([], MAIN);
  const pages = fixture.commit([], { 'index.html': 'old\n' });
  const heads = new Map([
    ['branch', fixture.commit([target], { 'index.html': 'branch\n' })],
    ['pages', pages],
    ['pages1', fixture.commit([pages], { 'index.html': 'one\n' })],
    ['pages2', fixture.commit([pages], { 'index.html': 'two\n' })],
    ['nowhere', CommitShaSchema.parse('1'.repeat(40))],
  ]);
  const radar = createRadar({ session, target });
  for (const [ticket, head] of heads) await radar.add({ ticket, head });
  expect(radar.matrix()).toEqual([{ a: 'pages1', b: 'pages2', paths: ['index.html'] }]);
  expect(await radar.check(heads.get('pages1')!)).toEqual({
    target: { kind: 'unmergeable' },
    inFlight: [{ ticket: 'pages2', paths: ['index.html'] }],
    suggestedBase: target,
  });
  expect(await radar.check(heads.get('nowhere')!)).toEqual({
    target: { kind: 'unmergeable' },
    inFlight: [],
    suggestedBase: target,
  });
});

it('takes calls that overlap, as if each had waited for the one before', async () => {
  using fixture = new BranchFixture();
  await using session = await openGitSession({ repository: fixture.store });
  const base = fixture.commit([], MAIN);
  const moved = fixture.commit([base], { 'b.ts': 'main\n' });
  const versions = ['1', '2', '3', '4'].map((word) => fixture.commit([base], { 'a.ts': `${word}\n` }));
  const ticket = fc.constantFrom('t1', 't2', 't3');
  const version = fc.constantFrom(...versions);
  const call = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), ticket, head: version }),
    fc.record({ kind: fc.constant('remove' as const), ticket }),
    fc.record({ kind: fc.constant('check' as const), head: version }),
    fc.record({ kind: fc.constant('target' as const), tip: fc.constantFrom(base, moved) }),
  );
  const run = (radar: Radar, one: typeof call extends fc.Arbitrary<infer C> ? C : never) => {
    if (one.kind === 'add') return radar.add(one);
    if (one.kind === 'remove') return radar.remove(one.ticket);
    return one.kind === 'check' ? radar.check(one.head) : radar.setTarget(one.tip);
  };
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 15 }), async (calls) => {
      const [patient, hasty] = [
        createRadar({ session, target: base }),
        createRadar({ session, target: base }),
      ];
      const expected: unknown[] = [];
      for (const one of calls) expected.push(await run(patient, one));
      expect(await Promise.all(calls.map((one) => run(hasty, one)))).toEqual(expected);
      expect(hasty.matrix()).toEqual(patient.matrix());
    }),
    { numRuns: numRuns * 2 },
  );
});
