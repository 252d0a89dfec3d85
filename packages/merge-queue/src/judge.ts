import type { Clock, CommitSha, Logger } from '@agentswarm/core';
import type { EventLog } from './event-log.ts';
import type { Gate, GateVerdict } from './gate.ts';
import { runGate } from './run-gate.ts';

/** A commit to judge, with the branches in it that are not on main. */
interface Candidate {
  readonly commit: CommitSha;
  readonly tree: CommitSha;
  readonly tickets: readonly string[];
}

/** Runs the gate, one at a time, and remembers which trees passed. */
export interface Judge {
  /** One run, or the remembered pass. */
  judge(candidate: Candidate): Promise<GateVerdict>;
  /** Like `judge`, but only a second red run in a row counts: the guard against a gate that flickers. */
  judgeTwice(candidate: Candidate): Promise<GateVerdict>;
}

export interface JudgeOptions {
  readonly repository: string;
  readonly gate: Gate;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Makes the judge of one queue. Aborting the signal ends the running gate and rejects with its reason. */
export function createJudge(options: JudgeOptions): Judge {
  const passed = new Set<CommitSha>();
  const judge = async (candidate: Candidate): Promise<GateVerdict> => {
    if (passed.has(candidate.tree)) return { kind: 'pass' };
    const verdict = await runAndRecord(options, candidate);
    if (verdict.kind === 'pass') passed.add(candidate.tree);
    return verdict;
  };
  return {
    judge,
    judgeTwice: async (candidate) => {
      const first = await judge(candidate);
      return first.kind === 'pass' ? first : await judge(candidate);
    },
  };
}

async function runAndRecord(options: JudgeOptions, candidate: Candidate): Promise<GateVerdict> {
  const { log, clock } = options;
  const tickets = [...candidate.tickets];
  log.append({ type: 'gate_started', tickets, candidate: candidate.commit, tree: candidate.tree });
  const startedAtMs = clock.nowMs();
  const verdict = await ask(options, candidate);
  log.append({
    type: 'gate_finished',
    tickets,
    candidate: candidate.commit,
    verdict: verdict.kind,
    durationMs: clock.nowMs() - startedAtMs,
    ...(verdict.kind === 'pass' ? {} : { failure: verdict.failure }),
  });
  return verdict;
}

async function ask(options: JudgeOptions, candidate: Candidate): Promise<GateVerdict> {
  const { repository, gate, logger, signal } = options;
  signal.throwIfAborted();
  const verdict = await runGate(gate, { repository, ...candidate, signal });
  if (verdict.kind === 'could_not_run') {
    const { problem } = verdict.failure;
    logger.warn({ candidate: candidate.commit, problem }, 'the gate could not run');
  }
  return verdict;
}
