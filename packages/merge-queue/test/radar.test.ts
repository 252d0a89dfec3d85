import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CommitSha } from '@agentswarm/core';
import { openGitSession } from '@agentswarm/git';
import { createRadar } from '@agentswarm/merge-queue';
import { LandingFixture } from './landing-fixture.ts';

const runs = process.env.TEST_DEEP === undefined ? 15 : 150;

/** What git says about one pair, in a process of its own. */
function conflictsOf(store: string, a: string, b: string): string[] {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', a, b];
  const { stdout, status } = spawnSync('git', args, { cwd: store, encoding: 'utf8' });
  return status === 0 ? [] : [...new Set(stdout.split('\0').slice(1).filter(Boolean))].toSorted();
}

const branches = fc.array(
  fc.record({
    files: fc.subarray(['f0', 'f1', 'f2', 'f3'], { minLength: 1 }),
    /** Forked from main, or from an earlier branch. */
    from: fc.integer({ min: 0, max: 8 }),
  }),
  { minLength: 2, maxLength: 8 },
);

it('knows every pair that git would call a conflict, also after branches have come, gone and changed', async () => {
  await fc.assert(
    fc.asyncProperty(branches, fc.array(fc.nat(7), { maxLength: 4 }), async (specs, changed) => {
      using fixture = new LandingFixture({ f0: '', f1: '', f2: '', f3: '' });
      await using session = await openGitSession({ repository: fixture.store });
      const radar = createRadar({ session, target: fixture.base });
      const heads = new Map<string, CommitSha>();
      const write = (ticket: string, files: readonly string[], from: CommitSha) => {
        const content = Object.fromEntries(files.map((file) => [file, `${ticket} ${heads.size}\n`]));
        return fixture.write(fixture.store, [from], content, ticket);
      };
      for (const [index, { files, from }] of specs.entries()) {
        const head = write(`b${index}`, files, [...heads.values()][from] ?? fixture.base);
        heads.set(`b${index}`, head);
        await radar.add({ ticket: `b${index}`, head });
      }
      for (const index of changed) {
        const ticket = `b${index}`;
        if (index % 2 === 0 || !heads.has(ticket)) {
          heads.delete(ticket);
          radar.remove(ticket);
          continue;
        }
        const head = write(ticket, ['f1'], fixture.base);
        heads.delete(ticket);
        heads.set(ticket, head);
        await radar.add({ ticket, head });
      }
      const tickets = [...heads.keys()];
      const expected = tickets.flatMap((b, index) =>
        tickets.slice(0, index).flatMap((a) => {
          const paths = conflictsOf(fixture.store, heads.get(a) ?? '', heads.get(b) ?? '');
          return paths.length === 0 ? [] : [{ a, b, paths }];
        }),
      );
      const byPair = (pairs: readonly { a: string; b: string; paths: readonly string[] }[]) =>
        pairs.map(({ a, b, paths }) => `${a} ${b} ${paths.join()}`).toSorted();
      expect(byPair(radar.matrix())).toEqual(byPair(expected));
    }),
    { numRuns: runs },
  );
}, 300_000);

it('tells what a head would meet on the target and in flight, and follows the target', async () => {
  using fixture = new LandingFixture({ 'a.txt': 'base\n', 'b.txt': 'base\n' });
  await using session = await openGitSession({ repository: fixture.store });
  const radar = createRadar({ session, target: fixture.base });
  const { head: other } = fixture.branch('other', { 'a.txt': 'other\n' });
  const { head } = fixture.branch('mine', { 'a.txt': 'mine\n', 'b.txt': 'mine\n' });
  await radar.add({ ticket: 'other.1', head: other });
  expect(await radar.check(head)).toEqual({
    target: { kind: 'clean' },
    inFlight: [{ ticket: 'other.1', paths: ['a.txt'] }],
    suggestedBase: fixture.base,
  });
  const moved = fixture.write(fixture.store, [fixture.base], { 'b.txt': 'landed\n' });
  radar.setTarget(moved);
  radar.remove('other.1');
  expect(await radar.check(head)).toEqual({
    target: { kind: 'conflicting', paths: ['b.txt'] },
    inFlight: [],
    suggestedBase: moved,
  });
  const unrelated = fixture.write(fixture.store, [], { x: '' });
  expect(await radar.check(unrelated)).toMatchObject({ target: { kind: 'unmergeable' } });
});
