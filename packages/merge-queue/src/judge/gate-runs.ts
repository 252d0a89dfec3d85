import type { Clock, CommitSha, Logger } from '@agentswarm/core';
import type { Gate, GateVerdict } from '../gate/gate.ts';
import type { EventLog } from '../queue/event-log.ts';
import { runGate } from '../gate/run-gate.ts';

/** A commit to judge, with the branches in it that are not on main. */
export interface Candidate {
  readonly commit: CommitSha;
  readonly tree: CommitSha;
  readonly tickets: readonly string[];
}

/** One finished run on a tree. Numbers order the starts and ends of all runs of the queue. */
export interface GateRun {
  readonly verdict: GateVerdict;
  readonly startedSeq: number;
}

interface RunningGate {
  readonly candidate: Candidate;
  readonly abort: AbortController;
  readonly settled: Promise<void>;
}

interface Finished {
  readonly candidate: Candidate;
  readonly startedSeq: number;
  readonly startedAtMs: number;
  /** Undefined when it was cancelled. */
  readonly verdict: GateVerdict | undefined;
}

export interface GateRunsOptions {
  readonly repository: string;
  readonly gate: Gate;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Trees an earlier process saw pass in this environment. */
  readonly passed?: Iterable<CommitSha>;
  /** Called when a run has ended and {@link GateRuns.collect} has something. */
  readonly onEnded: () => void;
}

/** Starts and cancels gate runs, and keeps what they said by tree. Events are appended by `start` and `collect` only. */
export class GateRuns {
  readonly #options: GateRunsOptions;
  readonly #runs = new Map<CommitSha, GateRun[]>();
  readonly #running = new Map<CommitSha, RunningGate>();
  readonly #ended: Finished[] = [];
  #seq = 0;

  constructor(options: GateRunsOptions) {
    this.#options = options;
    for (const tree of options.passed ?? []) {
      this.#runs.set(tree, [{ verdict: { kind: 'pass' }, startedSeq: 0 }]);
    }
  }

  /** Runs in progress, those being cancelled included. */
  get running(): ReadonlyMap<CommitSha, { readonly candidate: Candidate }> {
    return this.#running;
  }

  /** Finished runs on a tree, in order of their start. */
  runsOf(tree: CommitSha): readonly GateRun[] {
    return this.#runs.get(tree) ?? [];
  }

  start(candidate: Candidate): void {
    const { log, clock } = this.#options;
    log.append({
      type: 'gate_started',
      tickets: [...candidate.tickets],
      candidate: candidate.commit,
      tree: candidate.tree,
    });
    const abort = new AbortController();
    this.#seq += 1;
    const start = { candidate, startedSeq: this.#seq, startedAtMs: clock.nowMs() };
    const settled = this.#run(candidate, abort.signal).then((verdict) => {
      this.#running.delete(candidate.tree);
      this.#ended.push({ ...start, verdict });
      this.#options.onEnded();
    });
    this.#running.set(candidate.tree, { candidate, abort, settled });
  }

  /** Ends runs nobody needs any more; their slots are free when they have ended. */
  cancel(tree: CommitSha): void {
    this.#running.get(tree)?.abort.abort(new DOMException('the answer is not needed', 'AbortError'));
  }

  /** Takes in the runs that have ended since the last call; tells whether one of them passed. */
  collect(): 'passes' | 'nothing' {
    const ended = this.#ended.splice(0);
    for (const run of ended) this.#record(run);
    return ended.some(({ verdict }) => verdict?.kind === 'pass') ? 'passes' : 'nothing';
  }

  /** Forgets what was said about a tree, after a verdict that says nothing about it. */
  forget(tree: CommitSha): void {
    this.#runs.delete(tree);
  }

  /** Aborts every run and waits for their end. */
  async stop(): Promise<void> {
    for (const tree of this.#running.keys()) this.cancel(tree);
    await Promise.all([...this.#running.values()].map(({ settled }) => settled));
  }

  async #run(candidate: Candidate, signal: AbortSignal): Promise<GateVerdict | undefined> {
    const { gate, repository } = this.#options;
    try {
      return await runGate(gate, { repository, ...candidate, signal });
    } catch (error) {
      // runGate rejects with the reason of the signal and with nothing else.
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  #record({ candidate, startedSeq, startedAtMs, verdict }: Finished): void {
    const { log, clock, gate, logger } = this.#options;
    const { commit, tree } = candidate;
    const tickets = [...candidate.tickets];
    const failure = verdict === undefined || verdict.kind === 'pass' ? undefined : verdict.failure;
    log.append({
      type: 'gate_finished',
      tickets,
      candidate: commit,
      verdict: verdict?.kind ?? 'cancelled',
      durationMs: clock.nowMs() - startedAtMs,
      ...(failure === undefined ? {} : { failure }),
      ...(gate.environment === undefined ? {} : { environment: gate.environment }),
    });
    if (verdict === undefined) return;
    if (verdict.kind === 'could_not_run') {
      logger.warn({ candidate: commit, problem: verdict.failure.problem }, 'the gate could not run');
    }
    const before = this.runsOf(tree);
    this.#runs.set(tree, [...before, { verdict, startedSeq }]);
    const red = before.map((run) => run.verdict).find((earlier) => earlier.kind === 'fail');
    if (verdict.kind === 'pass' && red?.kind === 'fail') {
      log.append({ type: 'gate_flaked', tickets, candidate: commit, failure: red.failure });
    }
  }
}
