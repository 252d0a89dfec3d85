import { WorkerFrameSchema, type AttemptId, type Logger, type WorkerFrame } from '@agentswarm/core';
import { LineSplitter } from '../process/line-splitter.ts';

const MAX_LINE_BYTES = 1024 * 1024;
/** Log lines about bad lines are for people; a worker that sends only garbage is not worth more. */
const MAX_LOGGED_BAD_LINES = 20;

/** A valid frame, and the length of the line it came as. */
export interface ReadFrame {
  readonly frame: WorkerFrame;
  readonly size: number;
}

/** Reads the frames of one attempt from a stream of bytes that may be cut anywhere. */
export class FrameReader {
  readonly #attemptId: AttemptId;
  readonly #logger: Logger;
  /** Of a line that is longer, what is kept is no frame. */
  readonly #splitter = new LineSplitter(MAX_LINE_BYTES);
  #position = 0;
  #badLines = 0;

  constructor(options: { readonly attemptId: AttemptId; readonly logger: Logger }) {
    this.#attemptId = options.attemptId;
    this.#logger = options.logger;
  }

  /** Bytes taken so far: where reading goes on after the stream was lost. */
  get position(): number {
    return this.#position;
  }

  /** Takes the next bytes and gives the frames that they complete. What is no frame of the attempt is logged. */
  take(bytes: Uint8Array): ReadFrame[] {
    this.#position += bytes.length;
    const frames: ReadFrame[] = [];
    for (const { text } of this.#splitter.add(bytes)) {
      const frame = this.#readLine(text);
      if (frame !== undefined) frames.push({ frame, size: text.length });
    }
    return frames;
  }

  #readLine(line: string): WorkerFrame | undefined {
    if (line.trim() === '') return undefined;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      return this.#reject(line, String(error));
    }
    const frame = WorkerFrameSchema.safeParse(value);
    if (!frame.success) return this.#reject(line, 'not a known frame');
    if (frame.data.attemptId !== this.#attemptId) return this.#reject(line, 'frame of another attempt');
    return frame.data;
  }

  #reject(line: string, problem: string): undefined {
    this.#badLines += 1;
    if (this.#badLines > MAX_LOGGED_BAD_LINES) return undefined;
    const start = line.slice(0, 200);
    this.#logger.warn({ attempt: this.#attemptId, problem, line: start }, 'ignored a line of the worker');
    return undefined;
  }
}
