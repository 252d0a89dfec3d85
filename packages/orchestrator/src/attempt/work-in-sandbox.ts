import { join } from 'node:path';
import {
  toSwarmError,
  type AttemptId,
  type RunEvent,
  type RunId,
  type Task,
  type TaskResult,
  type WorkerFrame,
} from '@agentswarm/core';
import { runTask } from '@agentswarm/sandbox-runner';
import type { AttemptEnvironment } from './attempt-environment.ts';
import { createAssignment } from './create-assignment.ts';
import type { AttemptPlan } from './plan-attempt.ts';
import { sandboxLimits } from './sandbox-limits.ts';
import { createTranscriptWriter } from './transcript.ts';

/** The ref that keeps an attempt's commits in the store. */
function attemptRef(runId: RunId, attemptId: AttemptId): string {
  return `refs/agentswarm/${runId}/${attemptId}`;
}

/** Runs the worker of an attempt in a sandbox of its own, recording what it does. */
export async function workInSandbox(
  plan: AttemptPlan,
  env: AttemptEnvironment,
  signal: AbortSignal,
): Promise<TaskResult> {
  const { config, runId } = env;
  const ids = { taskId: plan.task.id, attemptId: plan.attemptId };
  const transcript = join('transcripts', `${plan.attemptId}.ndjson`);
  await using _rent = await env.rent.sandbox(ids);
  const grant = env.gateway.grant({ ...ids, role: 'worker' });
  const stop = new AbortController();
  const attempt = runTask({
    backend: env.backend,
    spec: {
      labels: { run: runId, purpose: 'attempt', task: plan.task.id, attempt: plan.attemptId },
      source: { repository: env.store, commit: plan.base, branch: plan.branch },
      dependencies: true,
      network: 'gateway',
      gatewaySocket: grant.socketPath,
      limits: sandboxLimits(config),
    },
    assignment: (sandbox) => createAssignment(plan, env, { sandbox, model: grant.model }),
    workerCommand: env.workerCommand,
    gatewayToken: grant.token,
    timeoutMs: config.workerTimeoutSeconds * 1000,
    store: { repository: env.store, ref: attemptRef(runId, plan.attemptId) },
    signal: AbortSignal.any([signal, stop.signal]),
  });
  const watching = watchAttempt(attempt, env, { ...ids, transcript }).catch((error: unknown) => {
    stop.abort(error);
    throw error;
  });
  const [result, watched] = await Promise.allSettled([attempt.result, watching]);
  grant.revoke();
  if (watched.status === 'rejected') throw toSwarmError(watched.reason);
  if (result.status === 'fulfilled') return result.value;
  const { message } = toSwarmError(result.reason);
  return { status: 'failed', attemptId: plan.attemptId, reason: 'sandbox_failed', message };
}

async function watchAttempt(
  attempt: ReturnType<typeof runTask>,
  env: AttemptEnvironment,
  ids: { taskId: Task['id']; attemptId: AttemptId; transcript: string },
): Promise<void> {
  const { transcript, ...attemptIds } = ids;
  const started = attempt.sandboxId.then(
    (sandboxId) => env.append({ type: 'attempt_started', ...attemptIds, sandboxId, transcript }),
    (error: unknown) => env.logger.debug({ ...attemptIds, error: toSwarmError(error).message }, 'no sandbox'),
  );
  using writer = createTranscriptWriter(join(env.transcripts, `${ids.attemptId}.ndjson`), env.redact);
  for await (const frame of attempt.events) {
    await started;
    if (frame.type === 'transcript') writer.write(frame);
    else if (frame.type === 'progress') env.append(progressEvent(frame, attemptIds));
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
