import { join } from 'node:path';
import {
  attemptRef,
  snapshotRefs,
  toSwarmError,
  type AttemptId,
  type RunEvent,
  type SwarmError,
  type Task,
  type TaskResult,
  type WorkerFrame,
} from '@agentswarm/core';
import { resumeTask, runTask, type TaskRun } from '@agentswarm/sandbox-runner';
import type { AttemptEnvironment } from './attempt-environment.ts';
import { createAssignment } from './create-assignment.ts';
import { planGatewayWay } from './gateway-way.ts';
import type { AttemptPlan } from './plan-attempt.ts';
import { sandboxLimits } from './sandbox-limits.ts';
import { NOTHING_SEEN, skipSeen, type SeenFrames } from './seen-frames.ts';
import { createTranscriptWriter } from './transcript.ts';

/** What becomes of an attempt while it runs and when it ends. */
export interface AttemptCare {
  readonly signal: AbortSignal;
  /** Keeps the result, in the journal: until then its sandbox stays. */
  readonly keep: (result: TaskResult) => Promise<void>;
}

/** An attempt whose process died. */
export interface LostAttempt {
  readonly sandboxId: string;
  /** What was recorded of it. */
  readonly seen: SeenFrames;
  /** What is left of its time. */
  readonly timeoutMs: number;
}

/** Runs the worker of an attempt in a sandbox of its own, recording what it does. */
export async function workInSandbox(
  plan: AttemptPlan,
  env: AttemptEnvironment,
  care: AttemptCare,
): Promise<void> {
  const { config, runId } = env;
  const { attemptId } = plan;
  const ids = { taskId: plan.task.id, attemptId };
  await using _rent = await env.rent.sandbox(ids);
  const grant = env.gateway.grant({ ...ids, role: 'worker' });
  using _grant = { [Symbol.dispose]: () => grant.revoke() };
  await record(env, { ids, seen: NOTHING_SEEN, isNew: true, ...care }, (hooks) =>
    runTask({
      backend: env.backend,
      spec: {
        labels: { run: runId, purpose: 'attempt', task: plan.task.id, attempt: attemptId },
        source: { repository: env.store, commit: plan.base, branch: plan.branch },
        dependencies: true,
        ...planGatewayWay(config, grant),
        limits: sandboxLimits(config),
        ...(config.sandboxIdleTimeoutSeconds === undefined
          ? {}
          : { idleTimeoutMs: config.sandboxIdleTimeoutSeconds * 1000 }),
      },
      assignment: (sandbox) => createAssignment(plan, env, { sandbox, model: grant.model }),
      workerCommand: env.workerCommand,
      gatewayToken: grant.token,
      timeoutMs: config.workerTimeoutSeconds * 1000,
      store: { repository: env.store, ref: attemptRef(runId, attemptId) },
      snapshots: { refs: snapshotRefs(runId, attemptId) },
      ...hooks,
    }),
  );
}

/** Takes up an attempt in the sandbox that its process left, recording what was not recorded yet. */
export async function resumeInSandbox(
  plan: Omit<AttemptPlan, 'evidence'>,
  env: AttemptEnvironment,
  care: AttemptCare & LostAttempt,
): Promise<void> {
  const { attemptId, branch, base } = plan;
  const { sandboxId, timeoutMs } = care;
  const ids = { taskId: plan.task.id, attemptId };
  await using _rent = await env.rent.sandbox(ids);
  await record(env, { ids, isNew: false, ...care }, (hooks) =>
    resumeTask({
      backend: env.backend,
      sandboxId,
      terms: { attemptId, branch, base },
      timeoutMs,
      store: { repository: env.store, ref: attemptRef(env.runId, attemptId) },
      snapshots: { refs: snapshotRefs(env.runId, attemptId) },
      ...hooks,
    }),
  );
}

interface Recording extends AttemptCare {
  readonly ids: { readonly taskId: Task['id']; readonly attemptId: AttemptId };
  readonly seen: SeenFrames;
  /** Its start is not in the journal yet. */
  readonly isNew: boolean;
}

/** Records an attempt from its first frame to its result. Throws only when journal or disk fail. */
async function record(
  env: AttemptEnvironment,
  recording: Recording,
  start: (hooks: {
    readonly signal: AbortSignal;
    readonly onResult: (result: TaskResult) => Promise<void>;
  }) => TaskRun,
): Promise<void> {
  const stop = new AbortController();
  let failure: SwarmError | undefined;
  let watching = Promise.resolve();
  const attempt = start({
    signal: AbortSignal.any([recording.signal, stop.signal]),
    onResult: async (result) => {
      try {
        await watching;
        await recording.keep(result);
      } catch (error) {
        failure = toSwarmError(error);
      }
    },
  });
  watching = watchAttempt(attempt, env, recording);
  watching.catch((error: unknown) => stop.abort(error));
  await attempt.result;
  if (failure !== undefined) throw failure;
}

async function watchAttempt(attempt: TaskRun, env: AttemptEnvironment, recording: Recording): Promise<void> {
  const { ids, seen, isNew } = recording;
  const transcript = join('transcripts', `${ids.attemptId}.ndjson`);
  const started = attempt.sandboxId.then(
    (sandboxId) => {
      if (isNew) env.append({ type: 'attempt_started', ...ids, sandboxId, transcript });
    },
    (error: unknown) => env.logger.debug({ ...ids, error: toSwarmError(error).message }, 'no sandbox'),
  );
  using writer = createTranscriptWriter(join(env.transcripts, `${ids.attemptId}.ndjson`), env.redact);
  for await (const frame of skipSeen(attempt.events, seen)) {
    await started;
    if (frame.type === 'transcript') writer.write(frame);
    else if (frame.type === 'progress') env.append(progressEvent(frame, ids));
  }
  await started;
}

function progressEvent(
  frame: Extract<WorkerFrame, { type: 'progress' }>,
  ids: { taskId: Task['id']; attemptId: AttemptId },
): RunEvent {
  const { phase, toolCalls } = frame;
  return { type: 'attempt_progressed', ...ids, phase, toolCalls, message: frame.message };
}
