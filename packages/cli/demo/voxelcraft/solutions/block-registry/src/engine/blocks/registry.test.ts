import { describe, expect, test } from 'vitest';
import { BLOCKS } from './all-blocks.ts';
import { createBlockRegistry } from './registry.ts';
import type { BlockDefinition } from './registry.ts';

const block = (id: number, name: string): BlockDefinition => ({
  id,
  name,
  solid: true,
  opaque: true,
  tiles: { side: name },
});

describe('createBlockRegistry', () => {
  test('finds blocks by id and by name', () => {
    const registry = createBlockRegistry([block(2, 'b'), block(1, 'a')]);
    expect(registry.byId(2)?.name).toBe('b');
    expect(registry.byName('a').id).toBe(1);
    expect(registry.all.map(({ id }) => id)).toEqual([1, 2]);
  });

  test('knows nothing of air', () => {
    const registry = createBlockRegistry([block(1, 'a')]);
    expect(registry.byId(0)).toBeUndefined();
    expect(registry.isSolid(0)).toBe(false);
    expect(registry.isOpaque(0)).toBe(false);
  });

  test('names both holders of a contested id', () => {
    expect(() => createBlockRegistry([block(7, 'a'), block(7, 'b')])).toThrow(
      'block id 7 is claimed by both a and b',
    );
  });

  test('refuses two blocks of one name and ids that do not fit a byte', () => {
    expect(() => createBlockRegistry([block(1, 'a'), block(2, 'a')])).toThrow('two blocks are named a');
    for (const id of [0, 256, 1.5]) expect(() => createBlockRegistry([block(id, 'a')])).toThrow(RangeError);
  });

  test('throws for a name nobody has', () => {
    expect(() => createBlockRegistry([]).byName('cheese')).toThrow('there is no block named cheese');
  });
});

test('the game has the blocks the terrain is made of', () => {
  for (const name of ['stone', 'dirt', 'grass', 'sand', 'water', 'bedrock']) {
    expect(BLOCKS.byName(name).id).toBeGreaterThan(0);
  }
  expect(BLOCKS.isSolid(BLOCKS.byName('water').id)).toBe(false);
});
