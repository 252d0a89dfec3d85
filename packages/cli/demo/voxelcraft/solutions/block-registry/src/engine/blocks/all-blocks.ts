import { createBlockRegistry } from './registry.ts';
import type { BlockDefinition } from './registry.ts';

/** A new file in `definitions/` takes part without being listed anywhere. */
const modules = import.meta.glob<{ readonly blocks: readonly BlockDefinition[] }>(
  ['./definitions/*.ts', '!./definitions/*.test.ts'],
  { eager: true },
);

/** Every block of the game. */
export const BLOCKS = createBlockRegistry(Object.values(modules).flatMap((module) => module.blocks));
