import { join } from 'node:path';
import {
  attemptIdOf,
  BranchNameSchema,
  FORBIDDEN_PATHS,
  toSwarmError,
  type AttemptId,
  type CommitSha,
  type Logger,
  type RunEvent,
  type RunId,
  type RunState,
  type Sandbox,
  type SandboxBackend,
  type SwarmConfig,
  type Task,
  type TaskAssignment,
  type TaskResult,
  type WorkerFrame,
} from '@agentswarm/core';
import { changedFiles } from '@agentswarm/git';
import type { Gateway } from '@agentswarm/llm-client';
import { runTask } from '@agentswarm/sandbox-runner';
import { OrchestratorError } from '../errors.ts';
import { attemptsOf } from '../scheduler/attempt-count.ts';
import { judgeHandIn } from './hand-in.ts';
import { createTranscriptWriter } from './transcript.ts';

/** What every attempt of a run has in common. */
export interface AttemptEnvironment {
  readonly runId: RunId;
  readonly config: SwarmConfig;
  readonly backend: SandboxBackend;
  readonly gateway: Gateway;
  /** Bare repository that takes the branches. */
  readonly store: string;
  readonly gate: readonly string[];
  /** System prompt of the worker. */
  readonly instructions: string;
  /** Program and arguments of the worker process, before the assignment's path. */
  readonly workerCommand: readonly [string, ...string[]];
  readonly transcripts: string;
  readonly contextWindow: number;
  readonly redact: (text: string) => string;
  readonly logger: Logger;
  readonly append: (event: RunEvent) => void;
}

/** One attempt, decided: appended as `attempt_dispatched` before anything else happens. */
export interface AttemptPlan {
  readonly task: Task;
  readonly attemptId: AttemptId;
  readonly number: number;
  readonly branch: TaskAssignment['branch'];
  readonly base: CommitSha;
  readonly evidence: TaskAssignment['evidence'];
}

/** Decides the next attempt of a task: its number, branch and base, the main of this moment. */
export function planAttempt(task: Task, state: RunState, config: SwarmConfig): AttemptPlan {
  const taskState = state.tasks.get(task.id);
  const earlier = taskState === undefined ? [] : attemptsOf(taskState, state);
  const number = earlier.length + 1;
  return {
    task,
    number,
    attemptId: attemptIdOf(task.id, number),
    branch: BranchNameSchema.parse(`${config.gitBranchPrefix}${task.id}.${number}`),
    base: state.main as CommitSha,
    evidence: earlier.map((attempt) => attempt.evidence).filter((evidence) => evidence !== undefined),
  };
}

/** The ref that keeps an attempt's commits in the store. */
function attemptRef(runId: RunId, attemptId: AttemptId): string {
  return `refs/agentswarm/${runId}/${attemptId}`;
}

/**
 * Runs one attempt from sandbox to hand-in check. Its end is an event: handed off, refused, failed,
 * or abandoned when `signal` aborts. Throws only when the journal or the disk fails.
 */
export async function runAttempt(
  plan: AttemptPlan,
  env: AttemptEnvironment,
  signal: AbortSignal,
): Promise<void> {
  const ids = { taskId: plan.task.id, attemptId: plan.attemptId };
  const result = await workInSandbox(plan, env, signal);
  if (signal.aborted) {
    env.append({ type: 'attempt_abandoned', ...ids, reason: 'the run was stopped' });
    return;
  }
  if (result.status === 'failed') {
    env.append({
      type: 'attempt_failed',
      ...ids,
      reason: result.reason,
      message: env.redact(result.message),
    });
    return;
  }
  await handIn(plan, result, env);
}

async function workInSandbox(
  plan: AttemptPlan,
  env: AttemptEnvironment,
  signal: AbortSignal,
): Promise<TaskResult> {
  const { config, runId } = env;
  const ids = { taskId: plan.task.id, attemptId: plan.attemptId };
  const transcript = join('transcripts', `${plan.attemptId}.ndjson`);
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
    else if (frame.type === 'progress') env.append(progressEvent(frame, attemptIds, env.redact));
  }
  await started;
}

function progressEvent(
  frame: Extract<WorkerFrame, { type: 'progress' }>,
  ids: { taskId: Task['id']; attemptId: AttemptId },
  redact: (text: string) => string,
): RunEvent {
  const { phase, toolCalls } = frame;
  return { type: 'attempt_progressed', ...ids, phase, toolCalls, message: redact(frame.message) };
}

function createAssignment(
  plan: AttemptPlan,
  env: AttemptEnvironment,
  inside: { readonly sandbox: Sandbox; readonly model: string },
): TaskAssignment {
  const { config } = env;
  const { sandbox } = inside;
  if (sandbox.gateway === undefined) {
    throw new OrchestratorError(
      'GATEWAY_UNREACHABLE',
      `sandbox ${sandbox.id} has no way to the model gateway`,
    );
  }
  return {
    v: 1,
    runId: env.runId,
    attemptId: plan.attemptId,
    attempt: plan.number,
    task: plan.task,
    branch: plan.branch,
    base: plan.base,
    shared: config.shared,
    forbidden: forbiddenPaths(config),
    evidence: plan.evidence,
    instructions: env.instructions,
    gate: [...env.gate],
    model: {
      name: inside.model,
      gateway: sandbox.gateway,
      maxTokens: config.llmMaxTokens,
      temperature: config.llmTemperature,
      contextWindow: env.contextWindow,
    },
    paths: {
      workdir: sandbox.paths.workdir,
      intake: sandbox.paths.intake,
      handoff: `${sandbox.paths.control}/handoff.json`,
    },
  };
}

/** Paths no worker of this run may change. */
export function forbiddenPaths(config: SwarmConfig): string[] {
  return FORBIDDEN_PATHS.filter((path) => !config.allowedPaths.includes(path));
}

async function handIn(
  plan: AttemptPlan,
  result: Extract<TaskResult, { status: 'handed_off' }>,
  env: AttemptEnvironment,
): Promise<void> {
  const ids = { taskId: plan.task.id, attemptId: plan.attemptId };
  const { head, handoff } = result;
  const files = await changedFiles({ repository: env.store, base: plan.base, head });
  const verdict = judgeHandIn(files, handoff, {
    scope: plan.task.scope,
    shared: env.config.shared,
    forbidden: forbiddenPaths(env.config),
  });
  switch (verdict.kind) {
    case 'accepted':
      env.append({
        type: 'attempt_handed_off',
        ...ids,
        handoff: redactHandoff(handoff, env.redact),
        head,
        files: [...files],
      });
      return;
    case 'refused':
      env.append({ type: 'attempt_refused', ...ids, files: [...verdict.files], reason: verdict.reason });
      return;
    case 'unfinished':
      env.append({ type: 'attempt_failed', ...ids, reason: 'blocked', message: env.redact(verdict.reason) });
      return;
  }
}

function redactHandoff<T>(handoff: T, redact: (text: string) => string): T {
  return JSON.parse(redact(JSON.stringify(handoff))) as T;
}
