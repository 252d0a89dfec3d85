import { CHUNK_VOLUME } from '../constants.ts';
import { Chunk } from '../world/chunk.ts';
import { decodeRuns, encodeRuns } from './run-length.ts';

/** What a save file holds. */
export interface SavedWorld {
  /** From 0 to 2³² - 1. */
  readonly seed: number;
  readonly elapsedSeconds: number;
  readonly chunks: readonly Chunk[];
}

/** "VXCW", then the version of the format. */
const MAGIC = 0x56584357;
const VERSION = 1;
const HEADER_BYTES = 22;
const CHUNK_HEADER_BYTES = 12;

/**
 * Big-endian: magic u32, version u16, seed u32, elapsed seconds f64, chunk count u32; then for each
 * chunk x i32, z i32, length u32 and that many bytes of runs.
 */
export function encodeWorld(world: SavedWorld): Uint8Array {
  const parts = world.chunks.map((chunk) => ({ ...chunk.position, runs: encodeRuns(chunk.bytes) }));
  const size = parts.reduce((sum, { runs }) => sum + CHUNK_HEADER_BYTES + runs.length, HEADER_BYTES);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  view.setUint16(4, VERSION);
  view.setUint32(6, world.seed);
  view.setFloat64(10, world.elapsedSeconds);
  view.setUint32(18, parts.length);
  let offset = HEADER_BYTES;
  for (const { x, z, runs } of parts) {
    view.setInt32(offset, x);
    view.setInt32(offset + 4, z);
    view.setUint32(offset + 8, runs.length);
    bytes.set(runs, offset + CHUNK_HEADER_BYTES);
    offset += CHUNK_HEADER_BYTES + runs.length;
  }
  return bytes;
}

/** Throws for a file of another kind or version and for one that is cut or damaged. */
export function decodeWorld(bytes: Uint8Array): SavedWorld {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0) !== MAGIC) throw new Error('not a saved world');
  const version = view.getUint16(4);
  if (version !== VERSION)
    throw new Error(`saved by version ${version} of the format, this reads ${VERSION}`);
  const chunks: Chunk[] = [];
  let offset = HEADER_BYTES;
  for (let count = view.getUint32(18); count > 0; count--) {
    const end = endOfChunk(view, offset);
    const runs = bytes.subarray(offset + CHUNK_HEADER_BYTES, end);
    const position = { x: view.getInt32(offset), z: view.getInt32(offset + 4) };
    chunks.push(new Chunk(position, decodeRuns(runs, CHUNK_VOLUME)));
    offset = end;
  }
  if (offset !== bytes.length) throw new Error(`the saved world goes on after its last chunk`);
  return { seed: view.getUint32(6), elapsedSeconds: view.getFloat64(10), chunks };
}

function endOfChunk(view: DataView, offset: number): number {
  const start = offset + CHUNK_HEADER_BYTES;
  const end = start <= view.byteLength ? start + view.getUint32(offset + 8) : Infinity;
  if (end > view.byteLength) throw new Error('the saved world ends in the middle of a chunk');
  return end;
}
