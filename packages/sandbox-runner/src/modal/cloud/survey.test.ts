import { expect, it } from 'vitest';
import type { RemoteRecord } from '../remote-record.ts';
import type { CloudSandbox } from './cloud.ts';
import { isForsakenElsewhere, joinSurvey, summarize } from './survey.ts';
import type { Claim } from './tags.ts';

const LABELS = { run: 'run-1', purpose: 'command' } as const;
const NOW_MS = 1_000;

const seen = (id: string, claim: Claim, remoteId = `sb-${id}`): CloudSandbox => ({
  id,
  labels: LABELS,
  createdAtMs: 1,
  machine: 'other',
  claim,
  remoteId,
});
const record = (id: string, owner?: RemoteRecord['owner']): RemoteRecord => ({
  v: 2,
  id,
  labels: LABELS,
  createdAtMs: 2,
  ...(owner === undefined ? {} : { owner }),
});
const deadOwner = { pid: 2 ** 30, start: 'long ago', handle: 'h' };

it('joins what was recorded with what runs, by the id', () => {
  const detached = { kind: 'detached' } as const;
  const cloud = [seen('a', detached, 'sb-1'), seen('b', detached), seen('a', detached, 'sb-2')];
  const joined = joinSurvey([record('a'), record('c')], cloud);
  expect(joined.map(({ id, remoteIds, record: known }) => [id, remoteIds, known?.id])).toEqual([
    ['a', ['sb-1', 'sb-2'], 'a'],
    ['c', [], 'c'],
    ['b', ['sb-b'], undefined],
  ]);
});

it.each<[string, Claim | undefined, RemoteRecord | undefined]>([
  ['held', { kind: 'leased', untilMs: NOW_MS + 1 }, undefined],
  ['orphaned', { kind: 'leased', untilMs: NOW_MS }, undefined],
  ['detached', { kind: 'detached', endsAtMs: NOW_MS - 1 }, undefined],
  // A record of this machine knows better than the cloud.
  ['orphaned', { kind: 'leased', untilMs: NOW_MS + 1 }, record('a', deadOwner)],
  ['detached', { kind: 'leased', untilMs: NOW_MS - 1 }, record('a')],
  ['detached', undefined, record('a')],
])('says that it is %s', async (state, claim, known) => {
  const [found] = joinSurvey(
    known === undefined ? [] : [known],
    claim === undefined ? [] : [seen('a', claim)],
  );
  if (found === undefined) return expect.unreachable();
  expect(await summarize(found, NOW_MS)).toEqual({
    id: 'a',
    labels: LABELS,
    createdAtMs: known === undefined ? 1 : 2,
    state,
  });
});

it.each<[boolean, Claim, boolean]>([
  [false, { kind: 'leased', untilMs: NOW_MS + 1 }, true],
  [true, { kind: 'leased', untilMs: NOW_MS }, false],
  [false, { kind: 'detached' }, false],
  [true, { kind: 'detached' }, true],
  [false, { kind: 'detached', endsAtMs: NOW_MS + 1 }, false],
  [true, { kind: 'detached', endsAtMs: NOW_MS }, false],
])('is forsaken (%s) by another machine', (expected, claim, detached) => {
  expect(isForsakenElsewhere(seen('a', claim), { nowMs: NOW_MS, detached })).toBe(expected);
});
