import type { Clock, CommitSha, QueueEvent } from '@agentswarm/core';
import { expect } from 'vitest';
import type { Submission } from '@agentswarm/merge-queue';
import { MemorySink } from '../landing-fixture.ts';
import { checkLandings, checkTarget, outcomesOf } from './check-invariants.ts';
import { submissionOf, type LoadBranch, type Outcomes } from './generate-load.ts';
import { MemoryStore } from './memory-store.ts';
import { openModelQueue } from './model-queue.ts';
import { ScriptedGate } from './scripted-gate.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface PlayOptions {
  /** By time of arrival. */
  readonly load: readonly LoadBranch[];
  readonly slots: number;
  readonly maxBatch: number;
  readonly gateMs: number;
  readonly agingMs?: number;
  /** See {@link ScriptedGate}. Default: never. */
  readonly flakeRate?: number;
  /** Of the gate's durations and flakes. */
  readonly seed?: number;
  /** The clock the queue is told, when it is not the one that wakes it. */
  readonly toldBy?: (clock: Clock) => Clock;
}

export interface Played {
  readonly store: MemoryStore;
  readonly events: readonly QueueEvent[];
  readonly outcomes: Outcomes;
  readonly gate: Pick<ScriptedGate, 'runs' | 'mostAtOnce'>;
  /** Until everything had its outcome, on the true clock. */
  readonly tookMs: number;
  /** When each ticket got its outcome, on the true clock. */
  readonly settledAtMs: ReadonlyMap<string, number>;
}

/** Lets a load arrive at a queue on the model until everything has its outcome, and checks I1 to I4. */
export async function playLoad(options: PlayOptions): Promise<Played> {
  const { load, slots, maxBatch, gateMs, agingMs = 600_000 } = options;
  const { flakeRate = 0, seed = 1, toldBy = (clock) => clock } = options;
  const store = new MemoryStore();
  const clock = new VirtualClock();
  const pathsOf = (commit: CommitSha) => store.tree(commit).paths();
  const gate = new ScriptedGate({ clock, pathsOf, seed, durationMs: gateMs, flakeRate });
  const settledAtMs = new Map<string, number>();
  const journal = new MemorySink((event) => {
    if ('ticket' in event) settledAtMs.set(event.ticket, clock.nowMs());
  });
  const opened = await openModelQueue({
    store,
    clock: toldBy(clock),
    gate,
    journal,
    slots,
    maxBatch,
    agingMs,
  });
  await using queue = opened.queue;
  const submissions: Submission[] = [];
  for (const branch of load) {
    const waitMs = branch.arrivesAtMs - clock.nowMs();
    if (waitMs > 0) await clock.sleep(waitMs);
    const submission = submissionOf(branch, store.write([store.base], branch.files, branch.ticket));
    submissions.push(submission);
    queue.enqueue(submission);
  }
  expect(await queue.drain()).toEqual({ kind: 'empty' });
  const tookMs = clock.nowMs();
  checkTarget(store, gate.passed);
  checkLandings(store, journal.events, submissions);
  const outcomes = outcomesOf(journal.events);
  expect([...outcomes.keys()].sort()).toEqual(load.map(({ ticket }) => ticket).sort());
  return { store, events: journal.events, outcomes, settledAtMs, gate, tookMs };
}
