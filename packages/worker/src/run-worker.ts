import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  systemClock,
  toSwarmError,
  type AgentReport,
  type Clock,
  type Handoff,
  type Logger,
  type Secret,
  type TaskAssignment,
} from '@agentswarm/core';
import type { AgentDriver, AgentEvent, AgentOutcome, AgentRun } from './agent-driver.ts';
import { framesOf } from './agent-frames.ts';
import { createCheckout, WORKER_IDENTITY, type Checkout } from './checkout.ts';
import { commitWork } from './commit-work.ts';
import { createFrameStream, startHeartbeat, type EmitFrame } from './frame-stream.ts';
import { openGateway } from './gateway-address.ts';
import { parseReport } from './parse-report.ts';
import { buildSystemPrompt, buildTaskPrompt, HANDOFF_REMINDER } from './prompt.ts';
import { createSnapshots, type Snapshots } from './snapshots.ts';
import { writeHandoff } from './write-handoff.ts';

const HEARTBEAT_INTERVAL_MS = 10_000;
const DEFAULT_SNAPSHOT_INTERVAL_MS = 15_000;

/** What a worker needs besides its assignment. */
export interface WorkerOptions {
  readonly driver: AgentDriver;
  /** The attempt's token for the model gateway. */
  readonly token: Secret;
  /** The whole environment of git and of the agent's commands. Contract: holds no secret. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes one frame as a line of JSON without its newline. Contract: never throws. */
  readonly writeLine: (line: string) => void;
  readonly logger: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Between snapshots while the agent tells of no change: in one long command, or a program of its own. Default 15 000. */
  readonly snapshotIntervalMs?: number;
  /** Ends the agent; what it did so far still reaches the intake. */
  readonly signal?: AbortSignal;
}

/** How a worker ended. Failures have been reported as an error frame. */
export type WorkerOutcome =
  | { readonly status: 'handed_off'; readonly handoff: Handoff }
  | { readonly status: 'failed' }
  | { readonly status: 'aborted' };

/**
 * Runs the agent on one task in the checkout the assignment names: streams frames, keeps the intake up to date, and at
 * the end commits what is left, pushes, and writes the handoff. Failures of model, agent and git are outcomes.
 *
 * Abort: the agent is stopped, its work is pushed as a snapshot, no handoff is written.
 */
export async function runWorker(assignment: TaskAssignment, options: WorkerOptions): Promise<WorkerOutcome> {
  const clock = options.clock ?? systemClock;
  const startedAtMs = clock.nowMs();
  const { attemptId } = assignment;
  const emit = createFrameStream({
    attemptId,
    clock,
    secrets: [options.token],
    writeLine: options.writeLine,
  });
  const checkout = createCheckout(assignment.paths.workdir, options.env);
  const work = { assignment, options, emit, checkout, progress: { turns: 0, toolCalls: 0 } };
  using _heartbeat = startHeartbeat(emit, HEARTBEAT_INTERVAL_MS);
  emit({ type: 'progress', phase: 'starting', message: 'starting the agent', toolCalls: 0 });
  const snapshots = snapshotsOf(work);
  const { outcome, report } = await runAgent(work, snapshots);
  snapshots.request();
  await snapshots.settled();
  if (report === undefined) return endWithout(outcome, emit);
  return await handOff(work, report, () => clock.nowMs() - startedAtMs);
}

interface Work {
  readonly assignment: TaskAssignment;
  readonly options: WorkerOptions;
  readonly emit: EmitFrame;
  readonly checkout: Checkout;
  readonly progress: { turns: number; toolCalls: number };
}

type RunOutcome = AgentOutcome | { readonly status: 'agent_failed'; readonly message: string };

function snapshotsOf({ assignment, options, emit, checkout }: Work): Snapshots {
  return createSnapshots({
    checkout,
    intake: assignment.paths.intake,
    branch: assignment.branch,
    base: assignment.base,
    taskId: assignment.task.id,
    logger: options.logger,
    onPushed: (head) => emit({ type: 'commit', head }),
  });
}

async function runAgent(
  work: Work,
  snapshots: Snapshots,
): Promise<{ readonly outcome: RunOutcome; readonly report?: AgentReport }> {
  const { assignment, options } = work;
  let report: AgentReport | undefined;
  try {
    await using gateway = await openGateway(assignment.model.gateway, {
      logger: options.logger,
      // One of the sandbox's own: its commands may be able to reach no other.
      port: Number(options.env['AGENTSWARM_PORT_LAST'] ?? 0),
    });
    const agentRun = await describeRun(work, snapshots, gateway.baseUrl);
    const submitHandoff: AgentRun['submitHandoff'] = (args) => {
      const verdict = parseReport(args);
      if (verdict.accepted) report ??= verdict.report;
      return verdict;
    };
    using _snapshots = keepRequesting(snapshots, agentRun.signal, options.snapshotIntervalMs);
    const outcome = await options.driver.run({ ...agentRun, submitHandoff });
    return report === undefined || outcome.status === 'aborted' ? { outcome } : { outcome, report };
  } catch (error) {
    options.logger.error({ error: String(error) }, 'the agent failed');
    return { outcome: { status: 'agent_failed', message: toSwarmError(error).message } };
  }
}

/** Asks for a snapshot at intervals, and when the agent is told to end: it may not have the time for a last word. */
function keepRequesting(
  snapshots: Snapshots,
  signal: AbortSignal,
  intervalMs = DEFAULT_SNAPSHOT_INTERVAL_MS,
): Disposable {
  const request = () => snapshots.request();
  const timer = setInterval(request, intervalMs);
  signal.addEventListener('abort', request, { once: true });
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      signal.removeEventListener('abort', request);
    },
  };
}

async function describeRun(
  work: Work,
  snapshots: Snapshots,
  baseUrl: string,
): Promise<Omit<AgentRun, 'submitHandoff'>> {
  const { assignment, options } = work;
  const { name, maxTokens, temperature, contextWindow } = assignment.model;
  const reminders = [HANDOFF_REMINDER];
  return {
    systemPrompt: buildSystemPrompt(
      assignment.instructions,
      await readGuidance(assignment.paths.workdir, options.logger),
    ),
    prompt: buildTaskPrompt(assignment),
    workdir: assignment.paths.workdir,
    env: { ...options.env, ...WORKER_IDENTITY },
    model: { name, baseUrl, apiKey: options.token, maxTokens, temperature, contextWindow },
    followUp: () => reminders.shift(),
    beforeCommand: () => snapshots.settled(),
    onEvent: (event) => observe(event, work, snapshots),
    signal: options.signal ?? new AbortController().signal,
  };
}

function observe(event: AgentEvent, { progress, emit }: Work, snapshots: Snapshots): void {
  if (event.type === 'assistant_message') progress.turns += 1;
  if (event.type === 'tool_started') progress.toolCalls += 1;
  for (const frame of framesOf(event, progress.toolCalls)) emit(frame);
  if (event.type === 'tool_finished' && event.tool !== 'read') snapshots.request();
}

async function readGuidance(workdir: string, logger: Logger): Promise<string | undefined> {
  try {
    return await readFile(join(workdir, 'AGENTS.md'), 'utf8');
  } catch (error) {
    logger.debug({ error: String(error) }, 'the checkout has no AGENTS.md');
    return undefined;
  }
}

function endWithout(outcome: RunOutcome, emit: EmitFrame): WorkerOutcome {
  switch (outcome.status) {
    case 'aborted':
      return { status: 'aborted' };
    case 'model_failed':
      emit({ type: 'error', code: 'model_failed', message: outcome.message });
      return { status: 'failed' };
    case 'agent_failed':
      emit({ type: 'error', code: 'agent_failed', message: outcome.message });
      return { status: 'failed' };
    case 'ended':
      emit({
        type: 'error',
        code: 'handoff_missing',
        message: 'the agent ended its turn without submit_handoff, also after a reminder',
      });
      return { status: 'failed' };
  }
}

async function handOff(work: Work, report: AgentReport, elapsedMs: () => number): Promise<WorkerOutcome> {
  const { assignment, checkout, emit, progress } = work;
  const { toolCalls } = progress;
  emit({ type: 'progress', phase: 'committing', message: assignment.branch, toolCalls });
  try {
    const head = await commitWork(checkout, assignment, report.summary);
    emit({ type: 'commit', head });
    const { attemptId, branch, base, paths } = assignment;
    const metrics = { ...progress, durationMs: elapsedMs() };
    const handoff: Handoff = { v: 1, attemptId, ...report, branch, base, head, metrics };
    await writeHandoff(paths.handoff, handoff);
    emit({ type: 'progress', phase: 'done', message: report.status, toolCalls });
    return { status: 'handed_off', handoff };
  } catch (error) {
    emit({ type: 'error', code: 'commit_failed', message: toSwarmError(error).message });
    return { status: 'failed' };
  }
}
