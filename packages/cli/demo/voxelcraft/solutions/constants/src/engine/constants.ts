/** Blocks along the x and z side of a chunk. */
export const CHUNK_SIZE = 16;

/** Blocks from the bottom to the top of a chunk; chunks are not stacked. */
export const CHUNK_HEIGHT = 64;

export const CHUNK_VOLUME = CHUNK_SIZE * CHUNK_SIZE * CHUNK_HEIGHT;

/** Open air below this height is filled with water. */
export const SEA_LEVEL = 24;

/** The block id of nothing; every other id is given by src/engine/blocks/definitions. */
export const AIR = 0;

/** Simulation steps a second. */
export const TICKS_PER_SECOND = 20;

/** Blocks per second squared, downwards. */
export const GRAVITY = 28;

/** The fastest fall, in blocks per second. */
export const TERMINAL_SPEED = 54;

/** How far away a block can be broken or placed, in blocks. */
export const REACH = 6;

export const PLAYER = {
  width: 0.6,
  height: 1.8,
  /** Of the eyes above the feet. */
  eyeHeight: 1.62,
  /** Blocks per second. */
  walkSpeed: 4.3,
  sprintSpeed: 5.6,
  jumpSpeed: 8.6,
} as const;
