import {
  silentLogger,
  toSwarmError,
  type AttemptId,
  type Clock,
  type ExecHandle,
  type Logger,
  type Sandbox,
  type SandboxBackend,
  type TaskAssignment,
  type TaskResult,
  type WorkerFrame,
} from '@agentswarm/core';
import { machineTime, type MachineTime } from '../process/machine-time.ts';
import { concludeAttempt } from './conclude-attempt.ts';
import { createConnection, type Connection } from './connection.ts';
import { FrameFeed } from './frame-feed.ts';
import type { AttemptEvidence, AttemptTerms, Failure } from './judge-attempt.ts';
import { keepSnapshots, type SnapshotKeeper, type SnapshotOptions } from './keep-snapshots.ts';
import { watchWorker } from './watch-worker.ts';

const DEFAULT_SILENCE_TIMEOUT_MS = 120_000;
export const DEFAULT_PATIENCE_MS = 60_000;
const DEFAULT_MAX_FRAME_BYTES = 256 * 1024 * 1024;

/** What carrying an attempt to its end takes, however it began. */
export interface AttemptOptions {
  readonly backend: SandboxBackend;
  readonly timeoutMs: number;
  /** Ends a worker that sends no frame for so long. Default 120 000. */
  readonly silenceTimeoutMs?: number;
  /** For how long a sandbox that cannot be reached is looked for. Default 60 000. */
  readonly patienceMs?: number;
  /** Ends a worker that sends more than this in total. Default 256 MiB. */
  readonly maxFrameBytes?: number;
  /** Repository on the host, and the ref in it, that take the commits. */
  readonly store: { readonly repository: string; readonly ref: string };
  /** Also keeps what the worker has done so far in the store, where nothing in the sandbox can remove it. */
  readonly snapshots?: SnapshotOptions;
  /**
   * Takes the result once all events were given, and while the sandbox still exists: should the process die
   * before it is kept, {@link resumeTask} finds it again. Contract: never rejects.
   */
  readonly onResult?: (result: TaskResult) => Promise<void>;
  /** Stops the attempt; `result` is then `failed` and has the commits that were handed in. */
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  /** Default: this machine's. */
  readonly time?: MachineTime;
}

/** An attempt under way. */
export interface TaskRun {
  /** The worker's valid frames, for at most one reader. Nobody has to read them. */
  readonly events: AsyncIterable<WorkerFrame>;
  /** Contract: never rejects; the sandbox is gone when it resolves. */
  readonly result: Promise<TaskResult>;
  /** Rejects when there never was a sandbox; `result` says so too. */
  readonly sandboxId: Promise<string>;
}

/** An attempt whose worker runs, or is about to. */
interface Carried {
  readonly terms: AttemptTerms;
  readonly paths: Pick<TaskAssignment['paths'], 'handoff' | 'frames'>;
  /** Starts the worker; the signal ends it. Undefined when it was started by somebody else. */
  readonly start?: (signal: AbortSignal) => ExecHandle;
}

/** The two ends of an attempt that differ. */
export interface AttemptBeginning {
  readonly attemptId: AttemptId;
  /** Gives the sandbox. Failing is the end of the attempt. */
  readonly open: () => Promise<Sandbox>;
  /** Makes it ready for its worker. */
  readonly begin: (sandbox: Sandbox) => Promise<Carried>;
}

/** Carries an attempt from its sandbox to its result, whatever goes wrong. */
export function carryAttempt(options: AttemptOptions, beginning: AttemptBeginning): TaskRun {
  const logger = (options.logger ?? silentLogger).child({ attempt: beginning.attemptId });
  let dropped = 0;
  const feed = new FrameFeed(() => {
    if (dropped++ === 0) logger.warn({}, 'nobody reads the frames of a worker, the oldest are dropped');
  });
  const sandboxId = Promise.withResolvers<string>();
  sandboxId.promise.catch((error: unknown) => logger.debug({ error }, 'there is no sandbox to name'));
  const carrying = { ...options, logger, time: options.time ?? machineTime, feed };
  const result = carry(carrying, beginning, sandboxId);
  return { events: feed, result, sandboxId: sandboxId.promise };
}

type Carrying = AttemptOptions & {
  readonly logger: Logger;
  readonly time: MachineTime;
  readonly feed: FrameFeed;
};

async function carry(
  options: Carrying,
  beginning: AttemptBeginning,
  sandboxId: PromiseWithResolvers<string>,
): Promise<TaskResult> {
  const { signal, logger, feed } = options;
  const keep = async (result: TaskResult) => {
    feed.end();
    await options.onResult?.(result);
    return result;
  };
  let sandbox: Sandbox;
  try {
    sandbox = await beginning.open();
  } catch (error) {
    sandboxId.reject(error);
    return keep(failed(beginning, signal?.aborted ? 'worker_died' : 'sandbox_failed', error));
  }
  sandboxId.resolve(sandbox.id);
  const { patienceMs = DEFAULT_PATIENCE_MS, backend, time } = options;
  const connection = createConnection({ backend, sandbox, time, patienceMs, logger });
  try {
    return await keep(await work(options, beginning, connection));
  } finally {
    await connection
      .use((current) => current.terminate())
      .catch((error: unknown) =>
        logger.error({ sandbox: sandbox.id, error }, 'a sandbox could not be removed'),
      );
  }
}

async function work(
  options: Carrying,
  beginning: AttemptBeginning,
  connection: Connection,
): Promise<TaskResult> {
  const { signal, logger, time, feed, store, timeoutMs } = options;
  let errorFrame: AttemptEvidence['errorFrame'];
  try {
    const { terms, paths, start } = await connection.use((sandbox) => beginning.begin(sandbox));
    await using snapshots = openSnapshots(options, terms, connection);
    const end = await watchWorker({
      connection,
      attemptId: terms.attemptId,
      framesPath: paths.frames,
      maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
      silenceTimeoutMs: options.silenceTimeoutMs ?? DEFAULT_SILENCE_TIMEOUT_MS,
      timeoutMs,
      onFrame: ({ frame, size }) => {
        if (frame.type === 'error') errorFrame ??= frame;
        if (frame.type === 'commit') snapshots?.noteCommit();
        feed.add(frame, size);
      },
      ...(start === undefined ? {} : { start }),
      ...(signal === undefined ? {} : { signal }),
      time,
      logger,
    });
    await snapshots?.stop();
    const handoffPath = paths.handoff;
    return await concludeAttempt({ connection, terms, handoffPath, store, logger }, { end, errorFrame });
  } catch (error) {
    logger.warn({ error }, 'the attempt could not be carried out');
    return failed(beginning, 'sandbox_failed', error);
  }
}

function openSnapshots(
  { snapshots, store: { repository }, time, logger }: Carrying,
  { base }: AttemptTerms,
  connection: Connection,
): SnapshotKeeper | undefined {
  if (snapshots === undefined) return undefined;
  const sandbox: Pick<Sandbox, 'collect'> = {
    collect: (target) => connection.use((current) => current.collect(target)),
  };
  const clock: Clock = { nowMs: () => time.steadyMs(), sleep: (...args) => time.sleep(...args) };
  return keepSnapshots({ ...snapshots, sandbox, repository, base, clock, logger });
}

function failed(
  { attemptId }: Pick<AttemptBeginning, 'attemptId'>,
  reason: Failure['reason'],
  error: unknown,
): TaskResult {
  return { status: 'failed', attemptId, reason, message: toSwarmError(error).message };
}
