import { expect, test } from 'vitest';
import type { BlockDefinition } from './registry.ts';

const modules = import.meta.glob<{ readonly blocks: readonly BlockDefinition[] }>(
  ['./definitions/*.ts', '!./definitions/*.test.ts'],
  { eager: true },
);
const claims = Object.entries(modules).flatMap(([file, { blocks }]) =>
  blocks.map((block) => ({ ...block, owner: `${block.name} (${file})` })),
);

function findDuplicates(key: 'id' | 'name'): string[] {
  const owners = Map.groupBy(claims, (claim) => claim[key]);
  return [...owners]
    .filter(([, group]) => group.length > 1)
    .map(([value, group]) => `${key} ${value}: ${group.map((claim) => claim.owner).join(', ')}`);
}

test('no two blocks claim the same id', () => {
  expect(findDuplicates('id')).toEqual([]);
});

test('no two blocks have the same name', () => {
  expect(findDuplicates('name')).toEqual([]);
});

test('every id fits the byte a chunk stores it in', () => {
  expect(claims.filter(({ id }) => !Number.isInteger(id) || id < 1 || id > 255)).toEqual([]);
});

test('what is opaque is solid', () => {
  expect(claims.filter((block) => block.opaque && !block.solid)).toEqual([]);
});
