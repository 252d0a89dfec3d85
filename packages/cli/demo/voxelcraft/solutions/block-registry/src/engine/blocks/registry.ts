/** What the engine knows about one kind of block. */
export interface BlockDefinition {
  /** Stored in chunks and save files: from 1 to 255 and never reused; 0 is air. */
  readonly id: number;
  readonly name: string;
  /** Bodies collide with it. */
  readonly solid: boolean;
  /** Nothing behind it can be seen, so faces against it are not drawn. */
  readonly opaque: boolean;
  /** Tile of each side in the texture atlas; `side` also covers what is not given. */
  readonly tiles: { readonly side: string; readonly top?: string; readonly bottom?: string };
  /** Light it gives off, from 0 to 15. */
  readonly light?: number;
}

export interface BlockRegistry {
  readonly all: readonly BlockDefinition[];
  /** Undefined for air and for ids nobody has claimed. */
  byId(id: number): BlockDefinition | undefined;
  /** Throws for a name that does not exist: names are written in code, so that is a mistake. */
  byName(name: string): BlockDefinition;
  isSolid(id: number): boolean;
  isOpaque(id: number): boolean;
}

/** Throws when two definitions claim the same id or name, or an id does not fit a byte. */
export function createBlockRegistry(definitions: readonly BlockDefinition[]): BlockRegistry {
  const ids = new Map<number, BlockDefinition>();
  const names = new Map<string, BlockDefinition>();
  for (const block of definitions) {
    if (!Number.isInteger(block.id) || block.id < 1 || block.id > 255) {
      throw new RangeError(`${block.name}: block id ${block.id} is not a whole number from 1 to 255`);
    }
    const holder = ids.get(block.id);
    if (holder) throw new Error(`block id ${block.id} is claimed by both ${holder.name} and ${block.name}`);
    if (names.has(block.name)) throw new Error(`two blocks are named ${block.name}`);
    ids.set(block.id, block);
    names.set(block.name, block);
  }
  return {
    all: [...ids.values()].sort((a, b) => a.id - b.id),
    byId: (id) => ids.get(id),
    byName(name) {
      const block = names.get(name);
      if (!block) throw new Error(`there is no block named ${name}`);
      return block;
    },
    isSolid: (id) => ids.get(id)?.solid ?? false,
    isOpaque: (id) => ids.get(id)?.opaque ?? false,
  };
}
