import type { BlockDefinition } from '../registry.ts';

/** What is dug out of the stone. */
export const blocks: readonly BlockDefinition[] = [
  { id: 10, name: 'coal-ore', solid: true, opaque: true, tiles: { side: 'coal-ore' } },
  { id: 11, name: 'iron-ore', solid: true, opaque: true, tiles: { side: 'iron-ore' } },
  { id: 12, name: 'glowstone', solid: true, opaque: true, tiles: { side: 'glowstone' }, light: 14 },
];
