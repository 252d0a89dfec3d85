import type { BlockDefinition } from '../registry.ts';

/** What grows. */
export const blocks: readonly BlockDefinition[] = [
  {
    id: 7,
    name: 'oak-log',
    solid: true,
    opaque: true,
    tiles: { side: 'oak-bark', top: 'oak-rings', bottom: 'oak-rings' },
  },
  { id: 8, name: 'oak-leaves', solid: true, opaque: false, tiles: { side: 'oak-leaves' } },
  { id: 9, name: 'tall-grass', solid: false, opaque: false, tiles: { side: 'tall-grass' } },
];
