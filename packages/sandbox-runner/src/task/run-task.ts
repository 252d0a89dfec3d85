import {
  isSwarmError,
  silentLogger,
  systemClock,
  toSwarmError,
  type AttemptId,
  type Clock,
  type CommitSha,
  type Logger,
  type Sandbox,
  type SandboxBackend,
  type SandboxLabels,
  type SandboxSpec,
  type Secret,
  type TaskAssignment,
  type TaskResult,
  type WorkerFrame,
} from '@agentswarm/core';
import { isAncestor } from '@agentswarm/git';
import { SandboxError } from '../errors.ts';
import { FrameFeed } from './frame-feed.ts';
import { judgeAttempt, type AttemptEvidence, type Failure } from './judge-attempt.ts';
import { keepSnapshots, type SnapshotKeeper, type SnapshotOptions } from './keep-snapshots.ts';
import { readHandoff } from './read-handoff.ts';
import { watchWorker } from './watch-worker.ts';

const DEFAULT_SILENCE_TIMEOUT_MS = 120_000;

/** A sandbox for one attempt: labelled with it and with a commit to start from. */
export type TaskSandboxSpec = SandboxSpec &
  Required<Pick<SandboxSpec, 'source'>> & {
    readonly labels: SandboxLabels & { readonly attempt: AttemptId };
  };

export interface RunTaskOptions {
  readonly backend: SandboxBackend;
  readonly spec: TaskSandboxSpec;
  /** Contract: pure; uses the sandbox's paths and gateway address. */
  readonly assignment: (sandbox: Sandbox) => TaskAssignment;
  /** Program and arguments as seen inside; the path of the assignment file is added as the last one. */
  readonly workerCommand: readonly [string, ...string[]];
  /** The worker's first and only line of standard input. */
  readonly gatewayToken: Secret;
  readonly timeoutMs: number;
  /** Ends a worker that sends no frame for so long. Default 120 000. */
  readonly silenceTimeoutMs?: number;
  /** Repository on the host, and the ref in it, that take the commits. */
  readonly store: { readonly repository: string; readonly ref: string };
  /** Also keeps what the worker has done so far in the store, where nothing in the sandbox can remove it. */
  readonly snapshots?: SnapshotOptions;
  /** Stops the attempt; `result` is then `failed` and has the commits that were handed in. */
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  readonly clock?: Clock;
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

/**
 * Runs one attempt of a task: makes a sandbox, writes the assignment into it, runs the worker, and
 * takes over its handoff and commits. Whatever goes wrong is a `failed` result with a reason, and
 * commits that reached the intake are collected all the same.
 */
export function runTask(options: RunTaskOptions): TaskRun {
  const logger = (options.logger ?? silentLogger).child({ attempt: options.spec.labels.attempt });
  let dropped = 0;
  const feed = new FrameFeed(() => {
    if (dropped++ === 0) logger.warn({}, 'nobody reads the frames of a worker, the oldest are dropped');
  });
  const sandboxId = Promise.withResolvers<string>();
  sandboxId.promise.catch((error: unknown) => logger.debug({ error }, 'there is no sandbox to name'));
  const result = attempt({ ...options, logger }, feed, sandboxId).finally(() => feed.end());
  return { events: feed, result, sandboxId: sandboxId.promise };
}

type Attempt = RunTaskOptions & { readonly logger: Logger };

async function attempt(
  options: Attempt,
  feed: FrameFeed,
  sandboxId: PromiseWithResolvers<string>,
): Promise<TaskResult> {
  const { backend, spec, signal, logger } = options;
  let sandbox: Sandbox;
  try {
    sandbox = await backend.create(spec, signal === undefined ? {} : { signal });
  } catch (error) {
    sandboxId.reject(error);
    return failed(options, signal?.aborted ? 'worker_died' : 'sandbox_failed', error);
  }
  sandboxId.resolve(sandbox.id);
  try {
    return await work(options, sandbox, feed);
  } catch (error) {
    logger.warn({ error }, 'the attempt could not be carried out');
    return failed(options, 'sandbox_failed', error);
  } finally {
    await sandbox.terminate().catch((error: unknown) => {
      logger.error({ sandbox: sandbox.id, error }, 'a sandbox could not be removed');
    });
  }
}

async function work(options: Attempt, sandbox: Sandbox, feed: FrameFeed): Promise<TaskResult> {
  const { clock = systemClock, silenceTimeoutMs = DEFAULT_SILENCE_TIMEOUT_MS, signal, logger } = options;
  const assignment = readAssignment(options, sandbox);
  const file = `${sandbox.paths.control}/assignment.json`;
  await sandbox.writeFile(file, JSON.stringify(assignment));
  let errorFrame: AttemptEvidence['errorFrame'];
  await using snapshots = openSnapshots(options, sandbox);
  const end = await watchWorker({
    attemptId: assignment.attemptId,
    silenceTimeoutMs,
    clock,
    logger,
    ...(signal === undefined ? {} : { signal }),
    onFrame: (frame, size) => {
      if (frame.type === 'error') errorFrame ??= frame;
      if (frame.type === 'commit') snapshots?.noteCommit();
      feed.add(frame, size);
    },
    start: (ending) =>
      sandbox.exec({
        command: [...options.workerCommand, file],
        stdin: options.gatewayToken,
        timeoutMs: options.timeoutMs,
        // Frames are read line by line; only the end of the rest is ever shown.
        maxOutputBytes: 64 * 1024,
        signal: ending,
      }),
  });
  await snapshots?.stop();
  const handoff = await readHandoff(sandbox, assignment.paths.handoff);
  const commits = await collectCommits(options, sandbox);
  if (commits.head !== undefined) await snapshots?.keepLast(commits.head);
  return judgeAttempt({ assignment, end, errorFrame, handoff, ...commits });
}

function openSnapshots(options: Attempt, sandbox: Sandbox): SnapshotKeeper | undefined {
  const { snapshots, store, spec, clock = systemClock, logger } = options;
  if (snapshots === undefined) return undefined;
  const { repository } = store;
  return keepSnapshots({ ...snapshots, sandbox, repository, base: spec.source.commit, clock, logger });
}

function readAssignment(options: Attempt, sandbox: Sandbox): TaskAssignment {
  const { labels, source } = options.spec;
  const assignment = options.assignment(sandbox);
  const agrees =
    assignment.attemptId === labels.attempt &&
    assignment.base === source.commit &&
    assignment.branch === source.branch;
  if (agrees) return assignment;
  throw new SandboxError('ASSIGNMENT_INVALID', 'assignment and sandbox are for different attempts', {
    details: { sandbox: sandbox.id, assigned: assignment.attemptId, labelled: labels.attempt },
  });
}

type Commits = Pick<AttemptEvidence, 'head' | 'commitFailure'>;

async function collectCommits(options: Attempt, sandbox: Sandbox): Promise<Commits> {
  let head: CommitSha | undefined;
  try {
    head = await sandbox.collect(options.store);
  } catch (error) {
    options.logger.warn({ error }, 'the commits of an attempt could not be taken');
    const reason =
      isSwarmError(error) && error.code === 'COMMITS_INVALID' ? 'commits_invalid' : 'sandbox_failed';
    return { head: undefined, commitFailure: { reason, message: String(error) } };
  }
  const commitFailure = head === undefined ? undefined : await checkAncestry(options, head);
  return { head, ...(commitFailure === undefined ? {} : { commitFailure }) };
}

async function checkAncestry(options: Attempt, head: CommitSha): Promise<Failure | undefined> {
  const base = options.spec.source.commit;
  const { repository } = options.store;
  if (await isAncestor({ repository, ancestor: base, descendant: head })) return undefined;
  return { reason: 'commits_invalid', message: `${head} does not build on ${base}` };
}

function failed(options: Attempt, reason: Failure['reason'], error: unknown): TaskResult {
  const attemptId = options.spec.labels.attempt;
  return { status: 'failed', attemptId, reason, message: toSwarmError(error).message };
}
