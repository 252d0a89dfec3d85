import { describe, expect, it } from 'vitest';
import { selectRoute, type Availability, type Candidate } from './select-route.ts';

const FREE: Availability = { kind: 'free' };
const OUT: Availability = { kind: 'out' };
const FULL: Availability = { kind: 'saturated' };

function candidate(name: string, changes: Partial<Candidate> & { readonly tier?: number } = {}): Candidate {
  const { tier = 0, ...rest } = changes;
  return {
    endpoint: { name, baseUrl: 'http://h', model: 'm', tier },
    model: 'm',
    preference: 0,
    availability: FREE,
    score: 1,
    sticky: false,
    tried: false,
    ...rest,
  };
}

function chosen(...candidates: readonly Candidate[]) {
  const selection = selectRoute(candidates);
  if (selection.kind !== 'use') return selection;
  return { name: selection.candidate.endpoint.name, reason: selection.reason };
}

describe('selectRoute', () => {
  it('takes the best of the cheapest tier', () => {
    expect(
      chosen(candidate('a', { score: 2 }), candidate('b'), candidate('c', { score: 0, tier: 1 })),
    ).toEqual({
      name: 'b',
      reason: { kind: 'preferred' },
    });
  });

  it('stays where the conversation is, unless that has become much worse', () => {
    const other = candidate('other', { score: 1 });
    expect(chosen(other, candidate('own', { sticky: true, score: 2 }))).toMatchObject({
      name: 'own',
      reason: { kind: 'affinity' },
    });
    expect(chosen(other, candidate('own', { sticky: true, score: 2.1 }))).toMatchObject({ name: 'other' });
  });

  it.each([
    ['saturated', FULL],
    ['saturated', { kind: 'cooling', untilMs: 5 }],
    ['outage', OUT],
    ['credit', { kind: 'no_credit' }],
  ] as const)('overflows to the next tier because of %s', (because, availability) => {
    expect(chosen(candidate('cheap', { availability }), candidate('dear', { tier: 1 }))).toEqual({
      name: 'dear',
      reason: { kind: 'overflow', because },
    });
  });

  it('waits for a saturated preferred model, but replaces one that is out', () => {
    const fallback = candidate('b', { preference: 1, model: 'm2' });
    expect(chosen(candidate('a', { availability: { kind: 'saturated', untilMs: 7 } }), fallback)).toEqual({
      kind: 'wait',
      untilMs: 7,
      needsSlot: false,
      endpoints: ['a'],
    });
    expect(chosen(candidate('a', { availability: OUT }), fallback)).toEqual({
      name: 'b',
      reason: { kind: 'fallback_model', because: 'outage' },
    });
  });

  it('never gives a call back to an endpoint that failed it, and ends when all did', () => {
    expect(chosen(candidate('a', { tried: true }), candidate('b', { score: 9 }))).toEqual({
      name: 'b',
      reason: { kind: 'failover' },
    });
    expect(chosen(candidate('a', { tried: true }))).toEqual({ kind: 'none' });
  });

  it('tries what is out rather than nothing', () => {
    expect(
      chosen(candidate('dear', { availability: OUT, tier: 1 }), candidate('a', { availability: OUT })),
    ).toEqual({
      name: 'a',
      reason: { kind: 'last_resort' },
    });
    expect(chosen(candidate('a', { availability: OUT }))).toEqual({ name: 'a', reason: { kind: 'only' } });
  });
});
