import type { CommitSha } from '@agentswarm/core';
import { MergeQueueError, type QueueStop } from '../errors.ts';
import type { Judgement } from '../judge/blame.ts';
import type { Candidate } from '../judge/gate-runs.ts';
import { landChange, type ChangeRequest, type ChangeResult } from '../land/land-change.ts';
import { locateLanding } from '../land/locate-landing.ts';
import { moveTarget, targetRed } from '../land/move-target.ts';
import { Line, type ComposedBatch, type MisfitHandler } from '../line/line.ts';
import { Admission } from './admission.ts';
import type { AsideResolution } from './aside-resolution.ts';
import { Evidence } from './evidence.ts';
import { InfrastructureRetries } from './infrastructure-retries.ts';
import { LostRaces } from './lost-races.ts';
import type { QueueContext } from './queue-context.ts';
import type { Tip } from './tip.ts';

/** What a step came to. */
export type StepResult =
  /** Something changed: look again at once. */
  | { readonly kind: 'progress' }
  /** Gates, resolvers or a pause must end first. */
  | { readonly kind: 'waiting' }
  /** Nothing is left to do. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'stopped'; readonly stop: QueueStop };

const PROGRESS = { kind: 'progress' } as const;

/**
 * Decides and does what comes next, from what is known now: level-triggered, so that an event that
 * came twice, late or never changes nothing. The only writer of the target.
 */
export class Reconciler {
  readonly #context: QueueContext;
  readonly #line: Line;
  readonly #admission: Admission;
  readonly #aside: AsideResolution;
  readonly #evidence: Evidence;
  readonly #retries: InfrastructureRetries;
  readonly #races: LostRaces;

  readonly #wait: () => Promise<void>;
  #moving = false;

  /** `wait` resolves when something may have changed. */
  constructor(context: QueueContext, wait: () => Promise<void>) {
    this.#context = context;
    this.#wait = wait;
    this.#line = new Line(context, (misfit, tip) => this.#settleMisfit(misfit, tip));
    this.#admission = new Admission(context);
    this.#aside = context.aside;
    this.#evidence = new Evidence(context);
    this.#retries = new InfrastructureRetries(context);
    this.#races = new LostRaces(context);
  }

  /** Whether the target is being moved right now. */
  get isMoving(): boolean {
    return this.#moving;
  }

  /** Takes an entry out of the line: its outcome is being appended by the caller. */
  remove(ticket: string): void {
    this.#line.remove(ticket);
    this.#aside.cancel(ticket);
  }

  async step(): Promise<StepResult> {
    const { settlement, tips, runs } = this.#context;
    const { revision } = settlement;
    if (runs.collect() === 'passes') this.#retries.worked();
    if (settlement.open.size === 0) return await this.#rest();
    if (this.#line.isEmpty) tips.doubt();
    const tip = await this.#readTip();
    await this.#admission.admit(tip);
    this.#refuseOrphans();
    await this.#line.compose(tip, this.#aside.tickets);
    if (this.#line.removeSettled()) return PROGRESS;
    const landed = await this.#landPrefix(tip);
    if (landed !== undefined) return landed;
    if (this.#parkRedHead()) return PROGRESS;
    await this.#line.composeParked(tip);
    if (this.#line.removeSettled()) return PROGRESS;
    const diagnosed = this.#diagnose();
    if (diagnosed !== undefined) return diagnosed;
    this.#startRuns();
    if (!this.#nothingRuns()) return { kind: 'waiting' };
    // What arrived or was cancelled during this step has not been looked at yet.
    return settlement.revision === revision ? this.#unstick() : PROGRESS;
  }

  /** Lands a commit of the caller's own on the tip. */
  async landChange(request: ChangeRequest): Promise<ChangeResult> {
    const steps = { retries: this.#retries, races: this.#races, wait: this.#wait };
    return await landChange({ ...this.#context, ...steps, readTip: () => this.#readTip() }, request);
  }

  /** Ends what runs beside the line. */
  async stop(): Promise<void> {
    await Promise.all([this.#context.runs.stop(), this.#aside.stop()]);
  }

  async #rest(): Promise<StepResult> {
    for (const tree of this.#context.runs.running.keys()) this.#context.runs.cancel(tree);
    await this.#admission.unpin();
    this.#context.tips.doubt();
    return { kind: 'empty' };
  }

  async #readTip(): Promise<Tip> {
    const { tips, facts, signal } = this.#context;
    const { tip, moved } = await tips.read(signal);
    if (moved) facts.clear();
    return tip;
  }

  /** An entry that waits for one that was lost will never be right. */
  #refuseOrphans(): void {
    const { settlement } = this.#context;
    for (const entry of [...settlement.open.values()]) {
      const lost = entry.after?.find((ticket) => settlement.isLost(ticket));
      if (lost === undefined) continue;
      this.remove(entry.ticket);
      const message = `it was to come after ${lost}, which did not land`;
      settlement.refuse(entry, { reason: 'dependency_failed', message });
    }
  }

  async #settleMisfit(...[misfit, tip]: Parameters<MisfitHandler>): Promise<readonly string[]> {
    const { settlement, facts, repository } = this.#context;
    const { entry } = misfit;
    switch (misfit.kind) {
      case 'resolvable':
        return this.#aside.start(entry, misfit.paths, tip);
      case 'landed': {
        const commit = await locateLanding(repository, { tip: tip.commit, head: entry.head });
        settlement.announceLanded(entry, { commit, main: tip.commit });
        break;
      }
      case 'refused':
        settlement.refuse(entry, misfit);
        break;
      case 'conflicted': {
        const paths = new Set(misfit.conflicts.map(({ path }) => path));
        const others = await this.#evidence.landedOn(paths, entry);
        settlement.conflicted(entry, { main: tip.commit, conflicts: misfit.conflicts, with: others });
      }
    }
    facts.forget(entry.head);
    return [];
  }

  /** Lands the longest prefix of the line whose end passed the gate; what is before it need not have. */
  async #landPrefix(tip: Tip): Promise<StepResult | undefined> {
    const { batches } = this.#line;
    const green = batches.findLastIndex((batch) => this.#line.judge(batch).kind === 'green');
    const end = batches[green]?.composition;
    if (end === undefined) return undefined;
    const links = batches.slice(0, green + 1).flatMap(({ composition }) => composition.links);
    const tickets = links.map(({ entry }) => entry.ticket);
    const { settlement, facts } = this.#context;
    // Until everything in it is announced: what has been pushed cannot be cancelled any more.
    this.#moving = true;
    try {
      const stop = await this.#move({ tickets, old: tip.commit, new: end.end, tree: end.tree });
      if (stop === 'lost_race') return PROGRESS;
      if (stop !== undefined) return { kind: 'stopped', stop };
      for (const { entry, commit, resolved } of links) {
        settlement.announceLanded(entry, { commit, main: end.end, resolved });
      }
    } finally {
      this.#moving = false;
    }
    facts.landed(links.map(({ entry }) => entry.head));
    this.#line.landed(green + 1);
    return PROGRESS;
  }

  async #move(change: {
    readonly tickets: readonly string[];
    readonly old: CommitSha;
    readonly new: CommitSha;
    readonly tree: CommitSha;
  }): Promise<QueueStop | 'lost_race' | undefined> {
    const { tips } = this.#context;
    // Everything in it is on the target already: there is nothing to move.
    if (change.old === change.new) return undefined;
    const moved = await moveTarget(this.#context, change);
    if (moved.kind === 'stop') return moved.stop;
    if (moved.kind === 'lost_race') {
      tips.doubt();
      return this.#races.lost() ?? 'lost_race';
    }
    this.#races.won();
    tips.set({ commit: change.new, tree: change.tree });
    return undefined;
  }

  /** A head of the line that was red leaves it, so that the others go on. */
  #parkRedHead(): boolean {
    const [head] = this.#line.batches;
    if (head === undefined) return false;
    const failure = this.#context.runs
      .runsOf(head.composition.tree)
      .flatMap(({ verdict }) => (verdict.kind === 'pass' ? [] : [verdict.failure]))
      .at(-1);
    if (failure === undefined) return false;
    const tickets = head.entries.map(({ ticket }) => ticket);
    this.#context.log.append({ type: 'batch_parked', tickets, candidate: head.composition.end, failure });
    this.#line.park();
    return true;
  }

  #diagnose(): StepResult | undefined {
    for (const batch of this.#line.parked) {
      const judgement = this.#line.judge(batch);
      const result = this.#carryOut(batch, judgement);
      if (result !== undefined) return result;
    }
    return undefined;
  }

  #carryOut(batch: ComposedBatch, judgement: Judgement): StepResult | undefined {
    switch (judgement.kind) {
      case 'undecided':
        return undefined;
      case 'green':
        this.#line.release(batch);
        return PROGRESS;
      case 'red':
        this.#line.split(batch);
        return PROGRESS;
      case 'culprit':
        for (const { entry, resolved } of batch.composition.links) {
          const main = batch.composition.onto;
          const mergedWith = this.#evidence.landedSinceFork(entry);
          this.#context.settlement.eject(entry, { main, failure: judgement.failure, mergedWith, resolved });
          this.#context.facts.forget(entry.head);
        }
        this.#line.drop(batch);
        return PROGRESS;
      case 'target_red':
        return { kind: 'stopped', stop: targetRed(this.#context, batch.composition.onto, judgement.failure) };
      case 'infrastructure': {
        const { tree, ontoTree, onto } = batch.composition;
        const stop = this.#retries.failed({ trees: [tree, ontoTree], onto, failure: judgement.failure });
        return stop === undefined ? PROGRESS : { kind: 'stopped', stop };
      }
    }
  }

  /** Starts what is wanted most and cancels what nobody wants any more. */
  #startRuns(): void {
    const { runs, slots } = this.#context;
    const wanted = new Map(this.#wantedRuns().map((candidate) => [candidate.tree, candidate]));
    for (const tree of runs.running.keys()) {
      if (!wanted.has(tree)) runs.cancel(tree);
    }
    if (this.#retries.isPausing) return;
    for (const [tree, candidate] of wanted) {
      if (runs.running.size >= slots) return;
      if (!runs.running.has(tree)) runs.start(candidate);
    }
  }

  /** With slots to spare the head of the line comes first; then the diagnoses, the rest of the line last. */
  #wantedRuns(): readonly Candidate[] {
    const untested = this.#line.batches.filter(
      ({ composition }) => this.#context.runs.runsOf(composition.tree).length === 0,
    );
    const inLine = untested.map((batch) => this.#candidateOf(batch));
    const diagnosis = this.#line.parked.flatMap((batch) => {
      const judgement = this.#line.judge(batch);
      if (judgement.kind !== 'undecided') return [];
      return judgement.needs.map((what) =>
        what === 'candidate' ? this.#candidateOf(batch) : controlOf(batch),
      );
    });
    return this.#context.slots > 1
      ? [...inLine.slice(0, 1), ...diagnosis, ...inLine.slice(1)]
      : [...diagnosis, ...inLine];
  }

  /** What stood before it when it was composed may have landed since. */
  #candidateOf({ composition }: ComposedBatch): Candidate {
    const { landed } = this.#context.settlement;
    const { end, tree } = composition;
    return { commit: end, tree, tickets: composition.tickets.filter((ticket) => !landed.has(ticket)) };
  }

  #nothingRuns(): boolean {
    return (
      this.#context.runs.running.size === 0 && this.#aside.tickets.size === 0 && !this.#retries.isPausing
    );
  }

  /** Everything that is open either runs or can be tried now; anything else would wait for ever. */
  #unstick(): StepResult {
    const { settlement } = this.#context;
    if (settlement.open.size === 0) return PROGRESS;
    const tickets = [...settlement.open.keys()];
    throw new MergeQueueError('QUEUE_STALLED', `nothing can be done for ${tickets.length} branches in line`, {
      details: { tickets: tickets.slice(0, 20) },
    });
  }
}

function controlOf({ composition }: ComposedBatch): Candidate {
  return { commit: composition.onto, tree: composition.ontoTree, tickets: [] };
}
