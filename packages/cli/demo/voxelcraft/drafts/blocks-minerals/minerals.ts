import type { BlockDefinition } from '../registry.ts';

/** What is dug out of the stone. */
export const blocks: readonly BlockDefinition[] = [
  { id: 7, name: 'coal-ore', solid: true, opaque: true, tiles: { side: 'coal-ore' } },
  { id: 8, name: 'iron-ore', solid: true, opaque: true, tiles: { side: 'iron-ore' } },
  { id: 9, name: 'glowstone', solid: true, opaque: true, tiles: { side: 'glowstone' }, light: 14 },
];
