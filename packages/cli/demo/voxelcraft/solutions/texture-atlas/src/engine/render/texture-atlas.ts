/** Part of the atlas texture, in texture coordinates from 0 to 1. */
export interface AtlasRect {
  readonly u0: number;
  readonly v0: number;
  readonly u1: number;
  readonly v1: number;
}

/** Square tiles of equal size in one square texture, numbered row by row from the top left. */
export interface TextureAtlas {
  /** Tiles along each side. */
  readonly columns: number;
  readonly sizePixels: number;
  /** Throws for a tile the atlas does not have. */
  indexOf(tile: string): number;
  rectOf(tile: string): AtlasRect;
}

export function createTextureAtlas(tiles: readonly string[], tilePixels = 16): TextureAtlas {
  const indices = new Map(tiles.map((tile, index) => [tile, index]));
  if (indices.size !== tiles.length) throw new Error('the atlas names a tile twice');
  // Mip levels need a power of two.
  const columns = 2 ** Math.ceil(Math.log2(Math.ceil(Math.sqrt(Math.max(1, tiles.length)))));
  const sizePixels = columns * tilePixels;
  // Half a texel inwards, so that filtering never picks up the neighbouring tile.
  const inset = 0.5 / sizePixels;

  function indexOf(tile: string): number {
    const index = indices.get(tile);
    if (index === undefined) throw new Error(`the atlas has no tile ${tile}`);
    return index;
  }

  return {
    columns,
    sizePixels,
    indexOf,
    rectOf(tile) {
      const index = indexOf(tile);
      const u = (index % columns) / columns;
      const v = Math.floor(index / columns) / columns;
      return { u0: u + inset, v0: v + inset, u1: u + 1 / columns - inset, v1: v + 1 / columns - inset };
    },
  };
}
