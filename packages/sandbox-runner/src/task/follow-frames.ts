import { isSwarmError, type Logger } from '@agentswarm/core';
import type { MachineTime } from '../process/machine-time.ts';
import { isLost, waitAfter, type Connection } from './connection.ts';
import type { FrameReader, ReadFrame } from './frame-reader.ts';
import { sleepUnless } from '../process/sleep-unless.ts';

/** Without any progress for so often, the end of a stream is given up. */
const MAX_LAST_TRIES = 6;

export interface FollowFramesOptions {
  readonly connection: Connection;
  /** Inside. */
  readonly path: string;
  readonly reader: FrameReader;
  readonly maxBytes: number;
  /** Asks for what is there already, and the end. */
  readonly signal: AbortSignal;
  readonly onFrame: (read: ReadFrame) => void;
  readonly time: MachineTime;
  readonly logger: Logger;
}

/** Gives every frame once, also when the stream breaks: then it goes on from the byte where it broke. */
export async function followFrames(options: FollowFramesOptions): Promise<'ended' | 'flooded'> {
  const { connection, reader, signal, time, logger } = options;
  let failures = 0;
  let reached = reader.position;
  for (;;) {
    const sandbox = connection.current();
    try {
      const stream = sandbox.follow(options.path, { fromByte: reader.position, signal });
      for await (const bytes of stream) {
        for (const read of reader.take(bytes)) options.onFrame(read);
        if (reader.position > options.maxBytes) return 'flooded';
      }
      return 'ended';
    } catch (error) {
      if (!isLost(error)) return giveUp(error, logger);
      failures = reader.position > reached ? 1 : failures + 1;
      reached = reader.position;
      logger.warn({ error, fromByte: reached }, 'the frames of a worker are no longer heard');
      if (signal.aborted && failures >= MAX_LAST_TRIES) return giveUp(error, logger);
      await sleepUnless(signal.aborted ? undefined : signal, time, waitAfter(failures));
      const gone = await connection.renew(sandbox).then(
        () => undefined,
        (cause: unknown) => (isLost(cause) ? undefined : { cause }),
      );
      if (gone !== undefined) return giveUp(gone.cause, logger);
    }
  }
}

/** Frames are for watching: without them an attempt goes on, until its silence ends it. */
function giveUp(error: unknown, logger: Logger): 'ended' {
  const why = isSwarmError(error) ? error.code : String(error);
  logger.warn({ error, why }, 'the frames of a worker cannot be read');
  return 'ended';
}
