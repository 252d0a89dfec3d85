import type { Composition, Link, Misfit } from '../compose/composition.ts';
import { fairOrder, NO_TURNS, takeTurns, type Turns } from '../entry/fair-order.ts';
import type { QueueEntry } from '../entry/queue-entry.ts';
import { judge, type Judgement } from '../judge/blame.ts';
import type { QueueContext } from '../queue/queue-context.ts';
import type { Tip } from '../queue/tip.ts';
import { splitBatch, type Batch } from './batch.ts';
import { fullPace, nextBatchSize, slowDown, speedUp, type Pace } from './pace.ts';

/** A batch that is composed. */
export type ComposedBatch = Batch & { readonly composition: Composition };

function isComposed(batch: Batch): batch is ComposedBatch {
  return batch.composition !== undefined;
}

/** How often an entry may be sent back because of others before the line is kept free for it. */
const MAX_DEFERRALS = 3;

/** Deals with an entry that does not fit; gives the tickets that must be settled before it is tried again. */
export type MisfitHandler = (
  misfit: Exclude<Misfit, { readonly kind: 'deferred' }>,
  tip: Tip,
) => Promise<readonly string[]>;

/**
 * Where entries without an outcome stand: in line, in batches composed on top of each other; parked
 * beside it, being diagnosed; or waiting, when they are in neither.
 */
export class Line {
  readonly #context: QueueContext;
  readonly #onMisfit: MisfitHandler;
  #batches: readonly Batch[] = [];
  #parked: readonly Batch[] = [];
  #pace: Pace;
  #turns: Turns = NO_TURNS;
  /** Entries that did not fit what stood before them, and what that was: whoever was first stays first. */
  readonly #deferredBehind = new Map<string, readonly string[]>();
  readonly #deferrals = new Map<string, number>();

  constructor(context: QueueContext, onMisfit: MisfitHandler) {
    this.#context = context;
    this.#onMisfit = onMisfit;
    this.#pace = fullPace(context);
  }

  /** In order of landing, each composed on the one before it. */
  get batches(): readonly ComposedBatch[] {
    return this.#batches.filter(isComposed);
  }

  get parked(): readonly ComposedBatch[] {
    return this.#parked.filter(isComposed);
  }

  /** Whether nothing is in line or parked. */
  get isEmpty(): boolean {
    return this.#batches.length + this.#parked.length === 0;
  }

  /** Composes what is in line on the tip and fills the places that are free. `busy`: tickets that are elsewhere. */
  async compose(tip: Tip, busy: ReadonlySet<string>): Promise<void> {
    const { settlement, signal } = this.#context;
    const composed: ComposedBatch[] = [];
    const before: Link[] = [];
    let onto: Tip = tip;
    const pending: Batch[] = [...this.#batches];
    for (;;) {
      signal.throwIfAborted();
      const batch = pending.shift() ?? this.#nextBatch(composed, busy);
      if (batch === undefined) break;
      const current = await this.#onto(batch, { onto, tip, before });
      if (current !== undefined) composed.push(current);
      // Nothing more is composed on what was cancelled meanwhile, see removeSettled.
      if (this.#settledIn(composed).length > 0) break;
      if (current === undefined) continue;
      before.push(...current.composition.links);
      onto = { commit: current.composition.end, tree: current.composition.tree };
    }
    this.#batches = [...composed, ...pending];
    // What has its outcome by now needs no memory of where it did not fit.
    for (const ticket of this.#deferredBehind.keys()) {
      if (settlement.open.has(ticket)) continue;
      this.#deferredBehind.delete(ticket);
      this.#deferrals.delete(ticket);
    }
  }

  /** The batches of a prefix have landed: the line goes on behind them. */
  landed(count: number): void {
    this.#batches = this.#batches.slice(count);
    this.#pace = speedUp(this.#pace, this.#context);
  }

  /** Takes the head of the line out of it, to be diagnosed beside it. */
  park(): void {
    const [head, ...rest] = this.#batches;
    if (head === undefined) return;
    this.#batches = rest;
    this.#parked = [...this.#parked, head];
    this.#pace = slowDown(this.#pace);
  }

  /** Takes an entry out of wherever it stands; what stood behind it is composed again. */
  remove(ticket: string): void {
    const others = (batches: readonly Batch[]) =>
      batches.map((batch) => withoutTicket(batch, ticket)).filter(({ entries }) => entries.length > 0);
    this.#batches = others(this.#batches);
    this.#parked = others(this.#parked);
  }

  /** Takes out entries that got their outcome while others were composed; tells whether there were any. */
  removeSettled(): boolean {
    const settled = this.#settledIn([...this.#batches, ...this.#parked]);
    for (const { ticket } of settled) this.remove(ticket);
    return settled.length > 0;
  }

  /** Composes every parked batch by itself, on the tip until it is being judged. */
  async composeParked(tip: Tip): Promise<void> {
    const composed: Batch[] = [];
    for (const batch of this.#parked) {
      this.#context.signal.throwIfAborted();
      const current =
        isComposed(batch) && this.#isBegun(batch)
          ? batch
          : await this.#onto(batch, { onto: tip, tip, before: [] });
      if (current !== undefined) composed.push(current);
    }
    this.#parked = composed;
  }

  judge({ composition }: ComposedBatch): Judgement {
    const { runs, allowRedTarget } = this.#context;
    return judge({
      alone: composition.links.length === 1,
      candidate: runs.runsOf(composition.tree),
      control: runs.runsOf(composition.ontoTree),
      allowRedTarget,
    });
  }

  /** A parked batch turned out green: it goes in line, before everything that nobody has begun to judge. */
  release(batch: Batch): void {
    this.drop(batch);
    const begun = this.#batches.findLastIndex((other) => isComposed(other) && this.#isBegun(other)) + 1;
    this.#batches = this.#batches.toSpliced(begun, 0, { entries: batch.entries });
  }

  /** A parked batch is red: its parts are judged. */
  split(batch: Batch): void {
    this.#parked = this.#parked.flatMap((other) =>
      other === batch ? splitBatch(other, this.#context.slots) : [other],
    );
  }

  /** A parked batch is done with. */
  drop(batch: Batch): void {
    this.#parked = this.#parked.filter((other) => other !== batch);
  }

  #settledIn(batches: readonly Batch[]): readonly QueueEntry[] {
    const { open } = this.#context.settlement;
    return batches.flatMap(({ entries }) => entries).filter(({ ticket }) => !open.has(ticket));
  }

  async #onto(
    batch: Batch,
    place: { readonly onto: Tip; readonly tip: Tip; readonly before: readonly Link[] },
  ): Promise<ComposedBatch | undefined> {
    const { composer, settlement } = this.#context;
    const { onto, tip, before } = place;
    const known = batch.composition;
    if (known !== undefined && known.onto === onto.commit) return { ...batch, composition: known };
    const { composition, misfits } = await composer.compose({
      entries: batch.entries,
      tip: tip.commit,
      onto,
      before,
      landed: settlement.landed,
    });
    for (const misfit of misfits) {
      const { ticket } = misfit.entry;
      if (misfit.kind === 'deferred') this.#deferrals.set(ticket, (this.#deferrals.get(ticket) ?? 0) + 1);
      const behind = misfit.kind === 'deferred' ? composition.tickets : await this.#onMisfit(misfit, tip);
      this.#deferredBehind.set(ticket, behind);
    }
    if (composition.links.length === 0) return undefined;
    return { entries: composition.links.map(({ entry }) => entry), composition };
  }

  #isBegun({ composition: { tree } }: ComposedBatch): boolean {
    const { runs } = this.#context;
    return runs.running.has(tree) || runs.runsOf(tree).length > 0;
  }

  #nextBatch(inLine: readonly Batch[], busy: ReadonlySet<string>): Batch | undefined {
    if (inLine.length >= this.#pace.window) return undefined;
    const waiting = this.#eligible(inLine, busy);
    if (waiting.length === 0) return undefined;
    const { clock, agingMs } = this.#context;
    const size = nextBatchSize(waiting.length, this.#pace.window - inLine.length, this.#pace);
    const order = fairOrder(waiting, { nowMs: clock.nowMs(), agingMs, turns: this.#turns });
    const entries = order.slice(0, size);
    this.#turns = takeTurns(this.#turns, entries);
    return { entries };
  }

  /** Waiting entries that may go in line: what they wait for is before them, what they did not fit is settled. */
  #eligible(inLine: readonly Batch[], busy: ReadonlySet<string>): readonly QueueEntry[] {
    const { settlement } = this.#context;
    const isBlocked = (ticket: string) =>
      this.#deferredBehind.get(ticket)?.some((other) => settlement.open.has(other)) === true;
    const ahead = new Set(inLine.flatMap(({ entries }) => entries.map(({ ticket }) => ticket)));
    const elsewhere = new Set(this.#parked.flatMap(({ entries }) => entries.map(({ ticket }) => ticket)));
    const waiting = [...settlement.open.values()].filter(
      ({ ticket }) => !ahead.has(ticket) && !elsewhere.has(ticket) && !busy.has(ticket),
    );
    const eligible = waiting.filter(
      ({ ticket, after = [] }) =>
        !isBlocked(ticket) && after.every((other) => settlement.landed.has(other) || ahead.has(other)),
    );
    // Nobody else goes in line before the one that was sent back too often: it then meets the tip itself.
    const patient = eligible.find(({ ticket }) => (this.#deferrals.get(ticket) ?? 0) >= MAX_DEFERRALS);
    return patient === undefined ? eligible : [patient];
  }
}

function withoutTicket(batch: Batch, ticket: string): Batch {
  const entries = batch.entries.filter((entry) => entry.ticket !== ticket);
  return entries.length === batch.entries.length ? batch : { entries };
}
