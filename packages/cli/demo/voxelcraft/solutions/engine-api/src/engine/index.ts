// The public surface of the engine: what the game outside this folder may import.
export { ENGINE_NAME } from './name.ts';
export * from './constants.ts';

export { BLOCKS } from './blocks/all-blocks.ts';
export { createBlockRegistry } from './blocks/registry.ts';
export type { BlockDefinition, BlockRegistry } from './blocks/registry.ts';

export { createEventBus } from './events/event-bus.ts';
export type { EventBus } from './events/event-bus.ts';
export { createInputMap, DEFAULT_BINDINGS } from './input/input-map.ts';
export type { Action, Bindings, InputMap } from './input/input-map.ts';
export { createFixedStep } from './loop/fixed-step.ts';
export type { FixedStep } from './loop/fixed-step.ts';

export { craft, craftable } from './items/crafting.ts';
export type { Recipe } from './items/crafting.ts';
export { addItems, countOf, createInventory, removeItems } from './items/inventory.ts';
export type { Inventory, ItemStack } from './items/inventory.ts';

export * as mat4 from './math/mat4.ts';
export type { Lens, Mat4 } from './math/mat4.ts';
export * as vec3 from './math/vec3.ts';
export type { Vec3 } from './math/vec3.ts';
export { createRandom, seedFromText } from './noise/random.ts';
export { createFractalNoise, createValueNoise } from './noise/value-noise.ts';

export { boxAt, intersects } from './physics/aabb.ts';
export type { Aabb } from './physics/aabb.ts';
export { stepBody } from './physics/move-body.ts';
export type { Body, IsSolid } from './physics/move-body.ts';
export { castRay } from './physics/raycast.ts';
export type { Ray, RayHit } from './physics/raycast.ts';

export { breakBlock, findTarget, placeBlock } from './player/block-interaction.ts';
export { createPlayer, eyesOf, stepPlayer } from './player/player-controller.ts';
export type { Player } from './player/player-controller.ts';

export { turn, viewDirection, viewProjection } from './render/camera.ts';
export type { Camera } from './render/camera.ts';
export { CHUNK_SHADER } from './render/chunk-shader.ts';
export { frustumOf, isBoxVisible } from './render/frustum.ts';
export { meshChunk } from './render/mesh-chunk.ts';
export type { Face, Quad } from './render/mesh-chunk.ts';
export { createShaderProgram } from './render/shader-program.ts';
export { createTextureAtlas } from './render/texture-atlas.ts';
export { chunksAround, visibleChunks } from './render/visible-chunks.ts';

export { decodeWorld, encodeWorld } from './save/world-save.ts';
export type { SavedWorld } from './save/world-save.ts';
export { dayPhase, daylight, sunDirection, timeOfDay } from './sky/day-cycle.ts';
export { fogColour, skyColour, skyLight } from './sky/sky-colour.ts';
export { createTerrain } from './terrain/generate-chunk.ts';
export { Chunk } from './world/chunk.ts';
export { chunkPositionOf } from './world/coordinates.ts';
export type { ChunkPosition } from './world/coordinates.ts';
export { World } from './world/world.ts';
