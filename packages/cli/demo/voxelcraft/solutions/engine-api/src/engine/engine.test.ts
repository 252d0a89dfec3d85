import { expect, test } from 'vitest';
import * as engine from './index.ts';

/** A world whose chunks come from the terrain generator, loaded around the origin. */
function createTestWorld(): engine.World {
  const terrain = engine.createTerrain(engine.seedFromText('engine'), engine.BLOCKS);
  const world = new engine.World((position) => terrain.generate(position));
  for (const position of engine.chunksAround([0, 0, 0], 1)) world.load(position);
  return world;
}

const isSolidIn = (world: engine.World) => (x: number, y: number, z: number) =>
  engine.BLOCKS.isSolid(world.getBlock(x, y, z));

function landPlayer(world: engine.World): engine.Player {
  const input = engine.createInputMap();
  let player = engine.createPlayer([3.5, engine.CHUNK_HEIGHT, 3.5]);
  for (let tick = 0; tick < 200; tick++) {
    player = engine.stepPlayer(player, input, 1 / engine.TICKS_PER_SECOND, isSolidIn(world));
  }
  return player;
}

test('a player dropped onto the terrain lands on solid ground', () => {
  const world = createTestWorld();
  const { onGround, position } = landPlayer(world).body;
  expect(onGround).toBe(true);
  expect(isSolidIn(world)(3, Math.round(position[1]) - 1, 3)).toBe(true);
});

test('the block under the player can be broken, kept, placed again and saved', () => {
  const world = createTestWorld();
  const player = { ...landPlayer(world), pitch: -1.5 };
  const isSolid = (id: number) => engine.BLOCKS.isSolid(id);
  const target = engine.findTarget(world, engine.eyesOf(player), isSolid);
  expect(target).toBeDefined();
  if (!target) return;
  const blockId = world.getBlock(...target.block);
  const inventory = engine.breakBlock(world, engine.createInventory(), target);
  expect(engine.countOf(inventory, blockId)).toBe(1);

  const save = engine.encodeWorld({ seed: 1, elapsedSeconds: 0, chunks: [...world.chunks] });
  const restored = new engine.World((position) => new engine.Chunk(position));
  for (const chunk of engine.decodeWorld(save).chunks) restored.put(chunk);
  expect(restored.getBlock(...target.block)).toBe(engine.AIR);
});

test('every block of the game finds its tiles in one atlas', () => {
  const names = engine.BLOCKS.all.flatMap(({ tiles }) => Object.values(tiles));
  const atlas = engine.createTextureAtlas([...new Set(names)]);
  for (const name of names) expect(atlas.indexOf(name)).toBeGreaterThanOrEqual(0);
});

test('a generated chunk meshes into far fewer rectangles than it has blocks', () => {
  const world = createTestWorld();
  const quads = engine.meshChunk({
    blockAt: (x, y, z) => world.getBlock(x, y, z),
    isOpaque: (id) => engine.BLOCKS.isOpaque(id),
  });
  expect(quads.length).toBeGreaterThan(10);
  expect(quads.length).toBeLessThan(3000);
});
