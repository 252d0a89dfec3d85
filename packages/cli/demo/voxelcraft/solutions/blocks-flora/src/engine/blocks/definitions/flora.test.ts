import { expect, test } from 'vitest';
import { createBlockRegistry } from '../registry.ts';
import { blocks } from './flora.ts';

const flora = createBlockRegistry(blocks);

test('a log shows its rings at both ends and bark around', () => {
  expect(flora.byName('oak-log').tiles).toEqual({ side: 'oak-bark', top: 'oak-rings', bottom: 'oak-rings' });
});

test('leaves can be stood on and seen through', () => {
  const leaves = flora.byName('oak-leaves');
  expect([leaves.solid, leaves.opaque]).toEqual([true, false]);
});

test('tall grass can be walked through', () => {
  expect(flora.isSolid(flora.byName('tall-grass').id)).toBe(false);
});
