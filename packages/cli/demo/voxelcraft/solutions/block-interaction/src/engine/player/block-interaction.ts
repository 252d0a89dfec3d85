import { AIR, REACH } from '../constants.ts';
import { addItems, removeItems } from '../items/inventory.ts';
import type { Inventory } from '../items/inventory.ts';
import { add } from '../math/vec3.ts';
import { blockBox, intersects } from '../physics/aabb.ts';
import type { Aabb } from '../physics/aabb.ts';
import { castRay } from '../physics/raycast.ts';
import type { RayHit } from '../physics/raycast.ts';
import { viewDirection } from '../render/camera.ts';
import type { Camera } from '../render/camera.ts';
import type { World } from '../world/world.ts';

/** The block the eyes rest on, if one is within reach. `canTarget` decides, say, that water is not one. */
export function findTarget(
  world: World,
  eyes: Camera,
  canTarget: (id: number) => boolean = (id) => id !== AIR,
): RayHit | undefined {
  const ray = { origin: eyes.position, direction: viewDirection(eyes), maxDistance: REACH };
  return castRay(ray, (x, y, z) => canTarget(world.getBlock(x, y, z)));
}

/** Takes a block out of the world; what finds no room in the inventory is lost. */
export function breakBlock(world: World, inventory: Inventory, target: RayHit): Inventory {
  const blockId = world.getBlock(...target.block);
  if (!world.setBlock(...target.block, AIR)) return inventory;
  return addItems(inventory, { blockId, count: 1 }).inventory;
}

/** Where a block is to go and who must not end up inside it. */
export interface Placement {
  readonly target: RayHit;
  readonly blockId: number;
  readonly playerBox: Aabb;
}

/** Puts a block against the face that was hit; undefined, and nothing changed, when it cannot go there. */
export function placeBlock(world: World, inventory: Inventory, placement: Placement): Inventory | undefined {
  const { target, blockId, playerBox } = placement;
  const place = add(target.block, target.normal);
  if (world.getBlock(...place) !== AIR || intersects(blockBox(...place), playerBox)) return undefined;
  const rest = removeItems(inventory, { blockId, count: 1 });
  return rest && world.setBlock(...place, blockId) ? rest : undefined;
}
