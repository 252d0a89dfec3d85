import {
  WorkerFrameSchema,
  type AttemptId,
  type Clock,
  type ExecHandle,
  type Logger,
} from '@agentswarm/core';
import type { WorkerFrame } from '@agentswarm/core';
import type { WorkerEnd } from './judge-attempt.ts';

/** Log lines about bad lines are for people; a worker that sends only garbage is not worth more. */
const MAX_LOGGED_BAD_LINES = 20;

export interface WatchOptions {
  readonly attemptId: AttemptId;
  readonly silenceTimeoutMs: number;
  readonly clock: Clock;
  readonly onFrame: (frame: WorkerFrame, size: number) => void;
  /** Starts the worker; the signal ends it. */
  readonly start: (signal: AbortSignal) => ExecHandle;
  readonly signal?: AbortSignal;
  readonly logger: Logger;
}

/** Runs a worker and reads its frames until it has ended, by itself or because it fell silent. */
export async function watchWorker(options: WatchOptions): Promise<WorkerEnd> {
  const { clock, silenceTimeoutMs, signal } = options;
  const silence = new AbortController();
  const done = new AbortController();
  let lastFrameMs = clock.nowMs();
  const watchdog = async () => {
    while (!done.signal.aborted) {
      const leftMs = lastFrameMs + silenceTimeoutMs - clock.nowMs();
      if (leftMs <= 0) {
        silence.abort();
        return;
      }
      await sleepUntil(clock, leftMs, done.signal);
    }
  };
  const exec = options.start(AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]));
  const watching = watchdog();
  const readFrame = createFrameReader(options);
  for await (const line of exec.lines) {
    const frame = readFrame(line);
    if (frame === undefined) continue;
    lastFrameMs = clock.nowMs();
    options.onFrame(frame, line.length);
  }
  const result = await exec.result;
  done.abort();
  await watching;
  if (result.reason === 'aborted' && silence.signal.aborted)
    return { kind: 'silent', silenceMs: silenceTimeoutMs };
  if (result.reason === 'aborted' && signal?.aborted) return { kind: 'stopped', why: String(signal.reason) };
  return { kind: 'ended', exec: result };
}

/** Sleeps; being woken early is no error here. */
async function sleepUntil(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(delayMs, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Gives the frame of a line, or nothing for a line that is none: a sandbox may print anything. */
function createFrameReader(options: WatchOptions): (line: string) => WorkerFrame | undefined {
  const { attemptId, logger } = options;
  let badLines = 0;
  const reject = (line: string, problem: string) => {
    badLines += 1;
    if (badLines <= MAX_LOGGED_BAD_LINES) {
      logger.warn({ attempt: attemptId, problem, line: line.slice(0, 200) }, 'ignored a line of the worker');
    }
    return undefined;
  };
  return (line) => {
    if (line.trim() === '') return undefined;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      return reject(line, String(error));
    }
    const frame = WorkerFrameSchema.safeParse(value);
    if (!frame.success) return reject(line, 'not a known frame');
    if (frame.data.attemptId !== attemptId) return reject(line, 'frame of another attempt');
    return frame.data;
  };
}
