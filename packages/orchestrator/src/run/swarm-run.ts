import { join } from 'node:path';
import {
  createRedactor,
  toSwarmError,
  type AttemptId,
  type RunState,
  type SwarmError,
  type Task,
} from '@agentswarm/core';
import { GitError, remoteTip } from '@agentswarm/git';
import type { AttemptEnvironment } from '../attempt/attempt-environment.ts';
import { findAttemptStop } from '../attempt/find-attempt-stop.ts';
import { planAttempt } from '../attempt/plan-attempt.ts';
import { recoverAttempts } from '../attempt/recover-attempts.ts';
import { resumeAttempt, runAttempt } from '../attempt/run-attempt.ts';
import { readSeenFrames } from '../attempt/seen-frames.ts';
import { planInJournal } from '../planner/plan-in-journal.ts';
import { OrchestratorError } from '../errors.ts';
import { checkBaseIsGreen } from './base-gate.ts';
import { checkAgent } from './check-agent.ts';
import { landFeatureStatus } from './land-feature-status.ts';
import { nextActions, type Action, type RunLimits } from './next-actions.ts';
import { createRunLog, type RunLog } from './run-log.ts';
import type { SwarmOptions, SwarmOutcome } from './swarm-options.ts';

export type SwarmRunOptions = Required<SwarmOptions> & { readonly signal: AbortSignal };

/** A worker that outlived its run has no gateway to a model any more; it may finish what needs none. */
const MAX_FAREWELL_MS = 20_000;

type Finish = Extract<Action, { type: 'finish' }>;

/**
 * One process's drive of a run: a level-triggered loop. After every event it folds the journal,
 * computes what to do next and starts it; attempts, planning and landing go on by themselves and
 * meet only in the journal.
 */
export class SwarmRun {
  readonly #options: SwarmRunOptions;
  readonly #log: RunLog;
  readonly #limits: RunLimits;
  readonly #environment: AttemptEnvironment;
  readonly #children = new Set<Promise<void>>();
  readonly #attempts = new Map<AttemptId, AbortController>();
  /** Aborts everything started here. */
  readonly #stop = new AbortController();
  #failure: SwarmError | undefined;

  constructor(options: SwarmRunOptions) {
    this.#options = options;
    const { config, target } = options;
    this.#log = createRunLog(options.journal);
    this.#limits = {
      maxWorkers: config.maxWorkers,
      maxAttempts: config.maxAttempts,
      maxPlanningRounds: config.maxPlanningRounds,
      shared: config.shared,
    };
    this.#environment = {
      runId: options.runId,
      config,
      backend: options.backend,
      gateway: options.gateway,
      rent: options.rent,
      store: target.state.store,
      gate: target.gate,
      guard: (head) => options.guard({ main: this.#log.state().main ?? target.base, head }),
      instructions: options.prompts.worker,
      workerCommand: options.workerCommand,
      transcripts: options.folder.transcripts,
      contextWindow: options.contextWindow,
      redact: createRedactor(options.secrets),
      logger: options.logger,
      findStop: (attemptId) => findAttemptStop(this.#log.state(), attemptId),
      append: (event) => this.#log.append(event),
    };
  }

  async run(): Promise<SwarmOutcome> {
    try {
      const end = await this.#work();
      return await this.#finish(end);
    } catch (error) {
      await this.#fail(error);
      throw error;
    }
  }

  /** Servers cost money until the work ends; what they cost is known before the run's last event. */
  async #work(): Promise<Finish> {
    await using _servers = await this.#options.rent.servers();
    // Before anything is taken up: a run that ends here leaves what a dead process left to the next one.
    await this.#checkAgent();
    await this.#recover();
    await this.#checkBase();
    this.#watchQueue();
    return await this.#drive();
  }

  /** Takes up what a dead process left running; what is lost of it is made again and does not count. */
  async #recover(): Promise<void> {
    const { journal, folder, config, clock } = this.#options;
    const state = this.#log.state();
    const { lost, abandoned } = await recoverAttempts(this.#environment, state);
    for (const { id: attemptId, taskId } of abandoned) {
      const reason = 'the process that ran it ended';
      this.#log.append({ type: 'attempt_abandoned', taskId, attemptId, reason });
    }
    for (const { plan, sandboxId, startedAtMs } of lost) {
      const transcript = join(folder.transcripts, `${plan.attemptId}.ndjson`);
      const seen = readSeenFrames(plan.attemptId, transcript, journal.read());
      const endsAtMs = startedAtMs + config.workerTimeoutSeconds * 1000;
      const timeoutMs = Math.max(Math.min(endsAtMs - clock.nowMs(), MAX_FAREWELL_MS), 1);
      this.#attempt(plan.attemptId, (signal) =>
        resumeAttempt(plan, this.#environment, { sandboxId, seen, timeoutMs, signal }),
      );
    }
  }

  async #checkAgent(): Promise<void> {
    const { backend, runId: run, config, target, signal } = this.#options;
    const { agentCommand: command } = config;
    if (command === undefined) return;
    try {
      const source = { repository: target.state.store, commit: target.tip };
      await checkAgent({ backend, run, command, source, signal });
    } catch (error) {
      // As with the gate below.
      if (!signal.aborted) throw error;
    }
  }

  async #checkBase(): Promise<void> {
    const { gate, target, signal, repair } = this.#options;
    if (this.#log.state().planning.round > 0) return;
    try {
      await checkBaseIsGreen({ gate, target, signal, append: (event) => this.#log.append(event) });
    } catch (error) {
      // Stopped while the gate ran: the loop ends the run as interrupted.
      if (signal.aborted) return;
      const isRed = error instanceof OrchestratorError && error.code === 'TARGET_RED';
      if (!isRed || !repair) throw error;
    }
  }

  /** The queue works by itself; its failure is ours. */
  #watchQueue(): void {
    this.#start(async () => {
      for await (const event of this.#options.queue.events()) {
        this.#options.logger.debug({ event }, 'merge queue event');
        if (this.#stop.signal.aborted) return;
      }
    });
  }

  async #drive(): Promise<Finish> {
    const { signal } = this.#options;
    const wakeable = AbortSignal.any([signal, this.#stop.signal]);
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (signal.aborted) return { type: 'finish', outcome: 'interrupted', reason: 'stopped on request' };
      this.#stopAttempts();
      const actions = nextActions(this.#log.state(), this.#limits);
      for (const action of actions) {
        if (action.type === 'finish') return action;
        this.#perform(action);
      }
      if (actions.length === 0) await this.#nextEvent(wakeable);
    }
  }

  /** Ends attempts that may spend no more; each reports its end itself. */
  #stopAttempts(): void {
    for (const [attemptId, abort] of this.#attempts)
      if (findAttemptStop(this.#log.state(), attemptId) !== undefined) abort.abort();
  }

  async #nextEvent(signal: AbortSignal): Promise<void> {
    try {
      await this.#log.changed(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #perform(action: Exclude<Action, Finish>): void {
    switch (action.type) {
      case 'enqueue': {
        const { id: ticket, branch, head, taskId } = action.attempt;
        const priority = this.#log.state().tasks.get(taskId)?.task.priority ?? 5;
        if (head !== undefined) this.#options.queue.enqueue({ ticket, branch, head, priority });
        return;
      }
      case 'give_up':
        this.#log.append({ type: 'task_failed', taskId: action.taskId, reason: action.reason });
        return;
      case 'cancel':
        this.#log.append({ type: 'task_cancelled', taskId: action.taskId, reason: action.reason });
        return;
      case 'dispatch':
        this.#dispatch(action.task);
        return;
      case 'plan':
        this.#plan(action.reason);
        return;
    }
  }

  #dispatch(task: Task): void {
    const plan = planAttempt(task, this.#log.state(), this.#options.config);
    const { attemptId, number, branch, base } = plan;
    this.#log.append({ type: 'attempt_dispatched', taskId: task.id, attemptId, number, branch, base });
    this.#attempt(attemptId, (signal) => runAttempt(plan, this.#environment, signal));
  }

  #attempt(attemptId: AttemptId, work: (signal: AbortSignal) => Promise<void>): void {
    const abort = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, abort.signal]);
    this.#attempts.set(attemptId, abort);
    this.#start(() => work(signal).finally(() => this.#attempts.delete(attemptId)));
  }

  #plan(reason: string): void {
    const { llm, target, config, prompts, clock } = this.#options;
    const state = this.#log.state();
    this.#log.append({ type: 'planning_started', round: state.planning.round + 1, reason });
    this.#start(() =>
      planInJournal({
        llm,
        target,
        config,
        clock,
        state,
        instructions: prompts.planner,
        append: (event) => this.#log.append(event),
        signal: this.#stop.signal,
      }),
    );
  }

  #start(work: () => Promise<void>): void {
    const child = work()
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted) {
          this.#options.logger.debug({ error: toSwarmError(error).message }, 'work ended after the stop');
          return;
        }
        this.#failure ??= toSwarmError(error);
        this.#stop.abort(error);
      })
      .finally(() => this.#children.delete(child));
    this.#children.add(child);
  }

  async #finish(end: Finish): Promise<SwarmOutcome> {
    if (end.outcome === 'interrupted') {
      this.#log.append({ type: 'run_stopping', reason: 'interrupt', message: end.reason });
    }
    const { queue, target, signal } = this.#options;
    if (end.outcome !== 'interrupted' && !signal.aborted && this.#log.state().queue.stopped === undefined) {
      await landFeatureStatus({ queue, target, signal, log: this.#log });
    }
    await this.#settle();
    const main = await this.#readMain();
    this.#log.append({ type: 'run_finished', outcome: end.outcome, reason: end.reason, main });
    return { outcome: end.outcome, reason: end.reason, state: this.#log.state() };
  }

  /** Main as the authority has it; the newest landing when it cannot be asked. */
  async #readMain(): Promise<NonNullable<RunState['main']>> {
    const { target } = this.#options;
    const { remote, mainBranch: branch, credential } = target;
    const known = this.#log.state().main ?? target.base;
    const access = { repository: target.state.store, remote, branch, ...(credential ? { credential } : {}) };
    try {
      return (await remoteTip(access)) ?? known;
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      this.#options.logger.warn({ error: error.message }, 'the remote cannot be asked where main is');
      return known;
    }
  }

  async #settle(): Promise<void> {
    this.#stop.abort();
    await this.#options.queue.stop();
    await Promise.all(this.#children);
  }

  async #fail(error: unknown): Promise<void> {
    try {
      await this.#settle();
      this.#log.append({ type: 'run_stopping', reason: 'failure', message: toSwarmError(error).message });
    } catch (cleanupError) {
      throw new AggregateError([error, cleanupError], toSwarmError(error).message, { cause: cleanupError });
    }
  }
}
