import { AIR, CHUNK_HEIGHT, CHUNK_SIZE } from '../constants.ts';

export type Face = 'east' | 'west' | 'top' | 'bottom' | 'south' | 'north';

/** One visible rectangle: `width` blocks along the face's first axis, `height` along its second. */
export interface Quad {
  readonly face: Face;
  readonly blockId: number;
  /** The block at the rectangle's lowest corner, local to the chunk. */
  readonly origin: readonly [x: number, y: number, z: number];
  readonly width: number;
  readonly height: number;
}

/** What the mesher needs to know; coordinates reach one block beyond the chunk on every side. */
export interface MeshInput {
  readonly blockAt: (x: number, y: number, z: number) => number;
  readonly isOpaque: (id: number) => boolean;
}

/** Axes are 0 for x, 1 for y and 2 for z; `u` and `v` span the face, `step` points out of it. */
interface Direction {
  readonly face: Face;
  readonly axis: 0 | 1 | 2;
  readonly u: 0 | 1 | 2;
  readonly v: 0 | 1 | 2;
  readonly step: 1 | -1;
}

const DIRECTIONS: readonly Direction[] = [
  { face: 'east', axis: 0, u: 2, v: 1, step: 1 },
  { face: 'west', axis: 0, u: 2, v: 1, step: -1 },
  { face: 'top', axis: 1, u: 0, v: 2, step: 1 },
  { face: 'bottom', axis: 1, u: 0, v: 2, step: -1 },
  { face: 'south', axis: 2, u: 0, v: 1, step: 1 },
  { face: 'north', axis: 2, u: 0, v: 1, step: -1 },
];

const EXTENT = [CHUNK_SIZE, CHUNK_HEIGHT, CHUNK_SIZE] as const;

/** The visible faces of a chunk, equal neighbours in one plane merged into as few rectangles as a greedy pass finds. */
export function meshChunk(input: MeshInput): Quad[] {
  return DIRECTIONS.flatMap((direction) =>
    Array.from({ length: EXTENT[direction.axis] }, (_, layer) => meshLayer(input, direction, layer)).flat(),
  );
}

function meshLayer(input: MeshInput, direction: Direction, layer: number): Quad[] {
  const columns = EXTENT[direction.u];
  const rows = EXTENT[direction.v];
  const faces = visibleFaces(input, direction, layer);
  const quads: Quad[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const start = row * columns + column;
      const blockId = faces[start] ?? AIR;
      if (blockId === AIR) continue;
      const width = runLength(faces, start, columns - column);
      const height = countRows(faces, { start, width, columns, rows: rows - row });
      for (let r = 0; r < height; r++) faces.fill(AIR, start + r * columns, start + r * columns + width);
      const origin = place(direction, layer, column, row);
      quads.push({ face: direction.face, blockId, origin, width, height });
    }
  }
  return quads;
}

/** The block id of each visible face in a layer, AIR where there is none. */
function visibleFaces({ blockAt, isOpaque }: MeshInput, direction: Direction, layer: number): Uint8Array {
  const columns = EXTENT[direction.u];
  const faces = new Uint8Array(columns * EXTENT[direction.v]);
  for (let index = 0; index < faces.length; index++) {
    const position = place(direction, layer, index % columns, Math.floor(index / columns));
    const id = blockAt(...position);
    if (id === AIR) continue;
    position[direction.axis] += direction.step;
    const neighbour = blockAt(...position);
    // Between two blocks of water there is no face either.
    if (neighbour !== id && !isOpaque(neighbour)) faces[index] = id;
  }
  return faces;
}

function place(
  { axis, u, v }: Direction,
  layer: number,
  column: number,
  row: number,
): [number, number, number] {
  const position: [number, number, number] = [0, 0, 0];
  position[axis] = layer;
  position[u] = column;
  position[v] = row;
  return position;
}

/** How many faces in a row equal the first. */
function runLength(faces: Uint8Array, start: number, limit: number): number {
  let width = 1;
  while (width < limit && faces[start + width] === faces[start]) width++;
  return width;
}

/** How many rows below each other repeat the run that begins at `start`. */
function countRows(
  faces: Uint8Array,
  run: { readonly start: number; readonly width: number; readonly columns: number; readonly rows: number },
): number {
  const id = faces[run.start];
  let height = 1;
  for (; height < run.rows; height++) {
    const from = run.start + height * run.columns;
    if (!faces.subarray(from, from + run.width).every((face) => face === id)) break;
  }
  return height;
}
