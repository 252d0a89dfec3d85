import type { BlockDefinition } from '../registry.ts';

/** What the ground is made of. */
export const blocks: readonly BlockDefinition[] = [
  { id: 1, name: 'stone', solid: true, opaque: true, tiles: { side: 'stone' } },
  { id: 2, name: 'dirt', solid: true, opaque: true, tiles: { side: 'dirt' } },
  {
    id: 3,
    name: 'grass',
    solid: true,
    opaque: true,
    tiles: { side: 'grass-side', top: 'grass-top', bottom: 'dirt' },
  },
  { id: 4, name: 'sand', solid: true, opaque: true, tiles: { side: 'sand' } },
  { id: 5, name: 'water', solid: false, opaque: false, tiles: { side: 'water' } },
  { id: 6, name: 'bedrock', solid: true, opaque: true, tiles: { side: 'bedrock' } },
];
