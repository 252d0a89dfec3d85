import type { Paint } from './paint.ts';

/** The moment and the room a frame is drawn for. */
export interface FrameOptions {
  readonly nowMs: number;
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
}

/** A section of the frame: a heading and lines of which some may be left out. */
export interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
}
