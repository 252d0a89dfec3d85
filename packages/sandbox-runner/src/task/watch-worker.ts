import type { AttemptId, ExecHandle, Logger } from '@agentswarm/core';
import type { MachineTime } from '../process/machine-time.ts';
import { awaitWorker } from './await-worker.ts';
import type { Connection } from './connection.ts';
import { followFrames } from './follow-frames.ts';
import { FrameReader, type ReadFrame } from './frame-reader.ts';
import type { WorkerEnd } from './judge-attempt.ts';
import { sleepUnless } from '../process/sleep-unless.ts';

export interface WatchOptions {
  readonly connection: Connection;
  readonly attemptId: AttemptId;
  /** File of the frames, inside. */
  readonly framesPath: string;
  readonly maxFrameBytes: number;
  readonly silenceTimeoutMs: number;
  readonly timeoutMs: number;
  readonly onFrame: (read: ReadFrame) => void;
  /** Starts the worker; the signal ends it. Undefined for one that was started by somebody else. */
  readonly start?: (signal: AbortSignal) => ExecHandle;
  readonly signal?: AbortSignal;
  readonly time: MachineTime;
  readonly logger: Logger;
}

/** The watchdog looks at least so often. */
const MAX_SLEEP_MS = 1_000;
/** No process is so busy that it wakes up later than this. */
const MAX_LATE_MS = 10_000;

/** Ends that say nothing about a worker which was never heard. */
const VAGUE_ENDS: ReadonlySet<WorkerEnd['kind']> = new Set(['unheard', 'overtime']);

/** Runs a worker and reads its frames until it has ended, by itself or because it must not go on. */
export async function watchWorker(options: WatchOptions): Promise<WorkerEnd> {
  const { connection, time } = options;
  await using ending = createEnding(options);
  const exec = options.start?.(ending.signal);
  const following = followUntil(ending, options);
  const { signal, lost: onUnheard } = ending;
  const end = await awaitWorker({ connection, exec, onUnheard, signal, time });
  ending.finish();
  await following;
  const asWanted = end.kind === 'ended' && end.exec.reason !== 'aborted';
  const why = asWanted ? end : (ending.cause() ?? end);
  // Who never said a word after its connection broke was hardly ever started, or waits for its input.
  return ending.isNeverHeard() && VAGUE_ENDS.has(why.kind) ? { kind: 'never_heard' } : why;
}

async function followUntil(ending: ReturnType<typeof createEnding>, options: WatchOptions): Promise<void> {
  const { connection, attemptId, maxFrameBytes: maxBytes, time, logger } = options;
  const end = await followFrames({
    connection,
    path: options.framesPath,
    reader: new FrameReader({ attemptId, logger }),
    maxBytes,
    signal: ending.over,
    onFrame: (read) => {
      ending.heard();
      options.onFrame(read);
    },
    time,
    logger,
  });
  if (end === 'flooded') ending.end({ kind: 'flooded', maxBytes });
}

/** Decides when a worker must end: silent for too long, over its time, told to stop, or flooding. */
function createEnding({ time, silenceTimeoutMs: silenceMs, timeoutMs, signal }: WatchOptions) {
  const startedMs = time.steadyMs();
  const [ending, over] = [new AbortController(), new AbortController()];
  let lastFrameMs = startedMs;
  let isLost = false;
  let hasSpoken = false;
  let cause: WorkerEnd | undefined;
  const end = (why: WorkerEnd) => {
    cause ??= why;
    ending.abort();
  };
  const watch = async () => {
    while (!over.signal.aborted) {
      const nowMs = time.steadyMs();
      const silenceLeftMs = lastFrameMs + silenceMs - nowMs;
      if (silenceLeftMs <= 0) return end({ kind: 'silent', silenceMs });
      // Until it is lost, its backend holds it to its time.
      if (isLost && nowMs - startedMs >= timeoutMs) return end({ kind: 'overtime', timeoutMs });
      const pauseMs = Math.min(silenceLeftMs, MAX_SLEEP_MS);
      await sleepUnless(over.signal, time, pauseMs);
      const wokeMs = time.steadyMs();
      const lateMs = wokeMs - nowMs - pauseMs;
      // The machine slept, and its worker with it.
      if (lateMs > MAX_LATE_MS) lastFrameMs = Math.min(lastFrameMs + lateMs, wokeMs);
    }
  };
  const onStop = () => end({ kind: 'stopped', why: String(signal?.reason) });
  if (signal?.aborted) onStop();
  signal?.addEventListener('abort', onStop, { once: true });
  const watching = watch();
  return {
    signal: ending.signal,
    /** Aborts once the worker has ended. */
    over: over.signal,
    end,
    cause: () => cause,
    heard: () => {
      hasSpoken = true;
      lastFrameMs = time.steadyMs();
    },
    isNeverHeard: () => isLost && !hasSpoken,
    lost: () => {
      isLost = true;
    },
    finish: () => over.abort(),
    [Symbol.asyncDispose]: async () => {
      over.abort();
      signal?.removeEventListener('abort', onStop);
      await watching;
    },
  };
}
