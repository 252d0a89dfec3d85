import { isSwarmError, toSwarmError, type QueueEvent } from '@agentswarm/core';
import { checkSubmission, type Submission } from '../entry/queue-entry.ts';
import { MergeQueueError, type QueueStop } from '../errors.ts';
import type { ChangeRequest, ChangeResult } from '../land/land-change.ts';
import type { Mirrors } from '../land/mirrors.ts';
import { recover } from '../land/recover.ts';
import type { QueueContext } from './queue-context.ts';
import type { DrainResult, EarlierState, MergeQueue } from './queue-contract.ts';
import { Reconciler } from './reconciler.ts';
import type { Wakeup } from './wakeup.ts';

interface PendingChange {
  readonly request: ChangeRequest;
  readonly result: PromiseWithResolvers<ChangeResult>;
}

/** What a queue is made of. */
export interface QueueParts {
  readonly context: QueueContext;
  readonly mirrors: Mirrors;
  readonly wakeup: Wakeup;
  /** Ends {@link QueueContext.signal}. */
  readonly abort: AbortController;
  /** Aborting is stopping the queue. */
  readonly outside: AbortSignal | undefined;
}

/** The queue behind {@link MergeQueue}: one loop that looks, decides and acts until something ends it. */
export class LandingQueue implements MergeQueue {
  readonly #parts: QueueParts;
  readonly #reconciler: Reconciler;
  readonly #changes: PendingChange[] = [];
  #order = 0;
  #loop: Promise<void> = Promise.resolve();
  #rest = Promise.withResolvers<DrainResult | MergeQueueError>();
  #resting = false;
  #stopping: Promise<void> | undefined;
  #end: { readonly stop?: QueueStop; readonly error?: MergeQueueError } | undefined;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#reconciler = new Reconciler(parts.context, () => this.#wait());
  }

  /** Settles what an earlier queue left, then starts landing. */
  async start(epoch: number, state: EarlierState | undefined): Promise<void> {
    const { context, outside } = this.#parts;
    const { settlement, tips, signal, log } = context;
    log.append({ type: 'queue_opened', epoch });
    for (const [ticket, outcome] of state?.outcomes ?? []) settlement.restore(ticket, outcome);
    for (const submission of state?.tickets ?? []) this.#accept(submission);
    const { tip } = await tips.read(signal);
    await recover(context, { tip: tip.commit, intents: state?.intents ?? [] });
    outside?.addEventListener('abort', this.#onAbort, { once: true });
    if (outside?.aborted === true) this.#onAbort();
    this.#loop = this.#run();
  }

  enqueue(submission: Submission): void {
    this.#refuseWhenClosed();
    checkSubmission(submission);
    const { settlement, log } = this.#parts.context;
    if (settlement.knows(submission.ticket)) return;
    const unknown = submission.after?.find((ticket) => !settlement.knows(ticket));
    if (unknown !== undefined) {
      throw new MergeQueueError(
        'TICKET_INVALID',
        `it waits for a ticket that was never in line: ${unknown}`,
        {
          details: { ticket: submission.ticket, after: unknown },
        },
      );
    }
    const { ticket, branch, head, priority, owner, after, intent } = submission;
    log.append({
      type: 'branch_queued',
      ticket,
      branch,
      head,
      priority,
      ...(owner === undefined ? {} : { owner }),
      ...(after === undefined ? {} : { after: [...after] }),
      ...(intent === undefined ? {} : { intent }),
    });
    this.#accept(submission);
    this.#wakeUp();
  }

  cancel(ticket: string): boolean {
    this.#refuseWhenClosed();
    const { settlement } = this.#parts.context;
    const entry = settlement.open.get(ticket);
    if (entry === undefined || this.#reconciler.isMoving) return false;
    settlement.cancel(entry);
    this.#reconciler.remove(ticket);
    this.#wakeUp();
    return true;
  }

  async landChange(request: ChangeRequest): Promise<ChangeResult> {
    this.#refuseWhenClosed();
    if (this.#end?.stop !== undefined) return { kind: 'stopped', stop: this.#end.stop };
    const result = Promise.withResolvers<ChangeResult>();
    this.#changes.push({ request, result });
    this.#wakeUp();
    return await result.promise;
  }

  events(): AsyncIterable<QueueEvent> {
    return this.#parts.context.log.events();
  }

  async drain(): Promise<DrainResult> {
    const result = await this.#rest.promise;
    if (result instanceof MergeQueueError) throw result;
    return result;
  }

  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<void> {
    const { context, abort, wakeup, outside } = this.#parts;
    outside?.removeEventListener('abort', this.#onAbort);
    abort.abort(new DOMException('the merge queue was stopped', 'AbortError'));
    wakeup.wake();
    await this.#loop;
    context.log.close();
    try {
      await context.repository[Symbol.asyncDispose]();
    } catch (error) {
      context.logger.warn({ error: toSwarmError(error).message }, 'the repository was not closed');
    }
  }

  readonly #onAbort = (): void => {
    this.stop().catch((error: unknown) => {
      const { logger } = this.#parts.context;
      logger.error({ error: toSwarmError(error).message }, 'the merge queue did not stop');
    });
  };

  #accept(submission: Submission): void {
    checkSubmission(submission);
    const { settlement, clock } = this.#parts.context;
    settlement.add({ ...submission, order: this.#order, enqueuedAtMs: clock.nowMs() });
    this.#order += 1;
  }

  #refuseWhenClosed(): void {
    if (this.#end?.error !== undefined || this.#parts.abort.signal.aborted) throw closed(this.#end?.error);
  }

  #wakeUp(): void {
    if (this.#resting && this.#end === undefined) {
      this.#resting = false;
      this.#rest = Promise.withResolvers();
    }
    this.#parts.wakeup.wake();
  }

  /** Until something may have changed. */
  async #wait(): Promise<void> {
    await this.#parts.wakeup.sleep();
    this.#parts.context.signal.throwIfAborted();
  }

  async #run(): Promise<void> {
    const { signal } = this.#parts.context;
    try {
      while (!signal.aborted && this.#end === undefined) await this.#step();
      if (this.#end === undefined) this.#rest.resolve({ kind: 'closed' });
    } catch (error) {
      if (signal.aborted && !(isSwarmError(error) && error.code === 'JOURNAL_FAILED')) {
        this.#rest.resolve({ kind: 'closed' });
      } else this.#fail(error);
    }
    await this.#windDown();
  }

  async #step(): Promise<void> {
    const { context, mirrors } = this.#parts;
    mirrors.collect();
    const change = this.#changes.shift();
    if (change !== undefined) return await this.#landChange(change);
    const result = await this.#orUnreachable(() => this.#reconciler.step());
    mirrors.follow(context.tips.known);
    if (result.kind === 'stopped') return this.#stopItself(result.stop);
    if (result.kind === 'progress') return;
    if (result.kind === 'empty') {
      await mirrors.settled();
      mirrors.collect();
      if (context.settlement.open.size > 0 || this.#changes.length > 0) return;
      this.#resting = true;
      this.#rest.resolve({ kind: 'empty' });
    }
    await this.#wait();
  }

  async #landChange({ request, result }: PendingChange): Promise<void> {
    try {
      const landed = await this.#orUnreachable(() => this.#reconciler.landChange(request));
      result.resolve(landed);
      this.#parts.mirrors.follow(this.#parts.context.tips.known);
      if (landed.kind === 'stopped') this.#stopItself(landed.stop);
    } catch (error) {
      // The caller's own function failed, or it was aborted: not the queue's failure.
      const aborted = this.#parts.context.signal.aborted;
      result.reject(aborted ? closed() : error);
      if (error instanceof MergeQueueError) throw error;
    }
  }

  /** A target that stays unreachable stops the queue in an orderly way. */
  async #orUnreachable<T>(
    work: () => Promise<T>,
  ): Promise<T | { readonly kind: 'stopped'; readonly stop: QueueStop }> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MergeQueueError) || error.code !== 'TARGET_UNREACHABLE') throw error;
      return { kind: 'stopped', stop: { code: error.code, message: error.message } };
    }
  }

  #stopItself(stop: QueueStop): void {
    const { log, logger, settlement } = this.#parts.context;
    log.append({ type: 'queue_stopped', ...stop });
    logger.error({ ...stop, waiting: settlement.open.size }, 'the merge queue stopped');
    this.#end = { stop };
  }

  #fail(cause: unknown): void {
    const { logger, log } = this.#parts.context;
    const error =
      cause instanceof MergeQueueError
        ? cause
        : new MergeQueueError('REPOSITORY_FAILED', `landing failed: ${toSwarmError(cause).message}`, {
            cause,
          });
    logger.error({ code: error.code, error: error.message }, 'the merge queue failed');
    this.#end = { error };
    log.close(error);
  }

  /** Whatever ended the loop: nothing is left running, and everybody who waits is told. */
  async #windDown(): Promise<void> {
    const { mirrors } = this.#parts;
    await this.#reconciler.stop();
    await mirrors.settled();
    const { error, stop } = this.#end ?? {};
    for (const { result } of this.#changes.splice(0)) {
      if (stop === undefined) result.reject(closed(error));
      else result.resolve({ kind: 'stopped', stop });
    }
    if (error !== undefined) this.#rest.resolve(error);
    else if (stop !== undefined) this.#rest.resolve({ kind: 'stopped', stop });
  }
}

function closed(cause?: MergeQueueError): MergeQueueError {
  return new MergeQueueError('QUEUE_CLOSED', 'the merge queue is stopped', { cause });
}
