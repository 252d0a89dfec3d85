import { expect, test } from 'vitest';
import { createBlockRegistry } from '../registry.ts';
import { blocks } from './minerals.ts';

const minerals = createBlockRegistry(blocks);

test('every mineral is a solid block that hides what is behind it', () => {
  for (const { id } of minerals.all) {
    expect(minerals.isSolid(id)).toBe(true);
    expect(minerals.isOpaque(id)).toBe(true);
  }
});

test('only glowstone gives off light', () => {
  const bright = minerals.all.filter((block) => (block.light ?? 0) > 0);
  expect(bright.map((block) => block.name)).toEqual(['glowstone']);
});
