import type { AttemptFailureReason, AttemptId, RunEvent, TaskId, TaskResult } from '@agentswarm/core';
import { changedFiles } from '@agentswarm/git';
import type { AttemptEnvironment } from './attempt-environment.ts';
import { isGivenUp, type AttemptStop } from './find-attempt-stop.ts';
import { forbiddenPaths } from './forbidden-paths.ts';
import { judgeHandIn } from './hand-in.ts';
import type { AttemptPlan } from './plan-attempt.ts';
import { resumeInSandbox, workInSandbox, type LostAttempt } from './work-in-sandbox.ts';

/**
 * Failures of what a worker handed in. Every other one may come from the death of the process it worked for,
 * whose gateway went with it.
 */
const OF_THE_WORK: ReadonlySet<AttemptFailureReason> = new Set([
  'handoff_invalid',
  'commits_invalid',
  'no_changes',
  'blocked',
]);

/**
 * Runs one attempt from sandbox to hand-in check. Its end is an event: handed off, refused, failed,
 * or, when `signal` aborts, abandoned or out of budget, as the state says. Throws only when the journal or the disk fails.
 */
export async function runAttempt(
  plan: AttemptPlan,
  env: AttemptEnvironment,
  signal: AbortSignal,
): Promise<void> {
  await workInSandbox(plan, env, { signal, keep: (result) => keepResult(plan, env, { result, signal }) });
}

/**
 * Takes up an attempt that a dead process left running: work that it finished is handed in as if nothing
 * had happened. What was lost with its process is abandoned, and does not count.
 */
export async function resumeAttempt(
  plan: Omit<AttemptPlan, 'evidence'>,
  env: AttemptEnvironment,
  lost: LostAttempt & { readonly signal: AbortSignal },
): Promise<void> {
  const { attemptId, task } = plan;
  const { signal } = lost;
  const keep = async (result: TaskResult) => {
    if (result.status === 'handed_off' || OF_THE_WORK.has(result.reason)) {
      await keepResult(plan, env, { result, signal });
      return;
    }
    const reason = `the process that ran it ended: ${result.message}`;
    env.append({ type: 'attempt_abandoned', taskId: task.id, attemptId, reason });
  };
  await resumeInSandbox(plan, env, { ...lost, keep });
  // One that could not be attached to is of no use to anybody.
  await env.backend.reap({ run: env.runId, purpose: 'attempt', attempt: attemptId });
}

async function keepResult(
  plan: Omit<AttemptPlan, 'evidence'>,
  env: AttemptEnvironment,
  { result, signal }: { readonly result: TaskResult; readonly signal: AbortSignal },
): Promise<void> {
  const ids = { taskId: plan.task.id, attemptId: plan.attemptId };
  const stop = env.findStop(plan.attemptId);
  if (isGivenUp(result, { aborted: signal.aborted, stop })) {
    env.append(stoppedEvent(ids, stop));
    return;
  }
  if (result.status === 'failed') {
    env.append({
      type: 'attempt_failed',
      ...ids,
      reason: result.reason,
      message: result.message,
    });
    return;
  }
  await handIn(plan, result, env);
}

function stoppedEvent(
  ids: { readonly taskId: TaskId; readonly attemptId: AttemptId },
  stop: AttemptStop | undefined,
): RunEvent {
  if (stop?.kind === 'out_of_budget')
    return { type: 'attempt_failed', ...ids, reason: 'budget', message: stop.message };
  return { type: 'attempt_abandoned', ...ids, reason: stop?.reason ?? 'the run was stopped' };
}

async function handIn(
  plan: Omit<AttemptPlan, 'evidence'>,
  result: Extract<TaskResult, { status: 'handed_off' }>,
  env: AttemptEnvironment,
): Promise<void> {
  const ids = { taskId: plan.task.id, attemptId: plan.attemptId };
  const { head, handoff } = result;
  const [files, findings] = await Promise.all([
    changedFiles({ repository: env.store, base: plan.base, head }),
    env.guard(head),
  ]);
  const verdict = judgeHandIn({ files, findings }, handoff, {
    scope: plan.task.scope,
    shared: env.config.shared,
    forbidden: forbiddenPaths(env.config),
  });
  switch (verdict.kind) {
    case 'accepted':
      env.append({
        type: 'attempt_handed_off',
        ...ids,
        handoff,
        head,
        files: [...files],
      });
      return;
    case 'refused':
      env.append({ type: 'attempt_refused', ...ids, files: [...verdict.files], reason: verdict.reason });
      return;
    case 'unfinished':
      env.append({ type: 'attempt_failed', ...ids, reason: 'blocked', message: verdict.reason });
      return;
  }
}
