import { expect, it } from 'vitest';
import type { LoadBranch } from './model/generate-load.ts';
import { playLoad } from './model/play-load.ts';

const FLAKE_RATE = 0.5;

function branches(count: number, kind: 'good' | 'flaky'): readonly LoadBranch[] {
  return Array.from({ length: count }, (_, index) => {
    const ticket = `${kind}-${index}`;
    return {
      ...{ ticket, kind, files: { [`src/${ticket}`]: '' } },
      ...{ owner: 'o', priority: 5, after: [], arrivesAtMs: 0 },
    };
  });
}

/** I6. */
it('ejects a flaky branch no oftener than its gate fails twice in a row', async () => {
  const load = branches(400, 'flaky');
  const room = { slots: 1, maxBatch: 1, gateMs: 10_000, flakeRate: FLAKE_RATE };
  const { outcomes } = await playLoad({ load, ...room });
  const ejected = [...outcomes.values()].filter((type) => type === 'branch_ejected').length;
  const expected = load.length * FLAKE_RATE ** 2;
  // Four standard deviations.
  const spread = 4 * Math.sqrt(expected * (1 - FLAKE_RATE ** 2));
  expect(Math.abs(ejected - expected)).toBeLessThanOrEqual(spread);
});

it.each([1, 4])('ejects nobody for the flakes of another, with %i slots', async (slots) => {
  const load = [...branches(60, 'flaky'), ...branches(240, 'good')];
  const { outcomes } = await playLoad({ load, slots, maxBatch: 8, gateMs: 10_000, flakeRate: FLAKE_RATE });
  const lost = [...outcomes].filter(([, type]) => type !== 'branch_landed').map(([ticket]) => ticket);
  expect(lost.filter((ticket) => !ticket.startsWith('flaky'))).toEqual([]);
});
