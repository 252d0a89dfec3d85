import { isSwarmError, silentLogger, systemClock, toSwarmError, type QueueEvent } from '@agentswarm/core';
import type { Identity } from '@agentswarm/git';
import { MergeQueueError, type QueueStop } from './errors.ts';
import { EventLog } from './event-log.ts';
import { createJudge } from './judge.ts';
import { landChange, type ChangeRequest, type ChangeResult } from './land-change.ts';
import { landGroup, type LandingContext } from './lander.ts';
import type { DrainResult, MergeQueue, MergeQueueOptions } from './queue-contract.ts';
import { checkSubmission, selectBatch, type QueueEntry, type Submission } from './queue-entry.ts';
import { recover } from './recover.ts';
import { createTarget } from './target.ts';

const DEFAULT_IDENTITY: Identity = { name: 'Merge queue', email: 'merge-queue@localhost' };
const DEFAULT_MAX_BATCH = 8;

interface PendingChange {
  readonly request: ChangeRequest;
  readonly result: PromiseWithResolvers<ChangeResult>;
}

/** The queue behind {@link MergeQueue}: one loop that lands one group or change at a time. */
export class LandingQueue implements MergeQueue {
  readonly #options: MergeQueueOptions;
  readonly #context: LandingContext;
  readonly #abort = new AbortController();
  readonly #waiting = new Map<string, QueueEntry>();
  readonly #tickets = new Set<string>();
  readonly #changes: PendingChange[] = [];
  #loop: Promise<void> = Promise.resolve();
  #wake = Promise.withResolvers<void>();
  #rest = Promise.withResolvers<DrainResult | MergeQueueError>();
  #resting = false;
  #end: { readonly stop?: QueueStop; readonly error?: MergeQueueError } | undefined;

  constructor(options: MergeQueueOptions) {
    const { repository, remote, credential, gate } = options;
    const clock = options.clock ?? systemClock;
    const logger = options.logger ?? silentLogger;
    const log = new EventLog(options.journal);
    const { signal } = this.#abort;
    this.#options = options;
    this.#context = {
      repository,
      log,
      clock,
      logger,
      signal,
      identity: options.identity ?? DEFAULT_IDENTITY,
      waiting: this.#waiting,
      allowRedTarget: options.allowRedTarget ?? false,
      judge: createJudge({ repository, gate, log, clock, logger, signal }),
      target: createTarget({
        repository,
        branch: options.target,
        clock,
        ...(remote === undefined ? {} : { remote }),
        ...(credential === undefined ? {} : { credential }),
      }),
    };
  }

  async start(state: MergeQueueOptions['state']): Promise<void> {
    const { signal } = this.#options;
    for (const submission of state?.tickets ?? []) this.#accept(submission);
    await this.#context.target.tip(this.#abort.signal);
    await recover(this.#context, [...this.#waiting.values()], state?.intents ?? []);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted === true) this.#abort.abort();
    this.#loop = this.#run();
  }

  enqueue(submission: Submission): void {
    this.#refuseWhenClosed();
    checkSubmission(submission);
    if (this.#tickets.has(submission.ticket)) return;
    const { ticket, branch, head, priority } = submission;
    this.#context.log.append({ type: 'branch_queued', ticket, branch, head, priority });
    this.#accept(submission);
    this.#wakeUp();
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
    return this.#context.log.events();
  }

  async drain(): Promise<DrainResult> {
    const result = await this.#rest.promise;
    if (result instanceof MergeQueueError) throw result;
    return result;
  }

  async stop(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#abort.abort();
    this.#wake.resolve();
    await this.#loop;
    this.#context.log.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  readonly #onAbort = (): void => {
    this.stop().catch((error: unknown) => {
      this.#context.logger.error({ error: toSwarmError(error).message }, 'the merge queue did not stop');
    });
  };

  #accept(submission: Submission): void {
    checkSubmission(submission);
    const { ticket, branch, head, priority } = submission;
    const order = this.#tickets.size;
    this.#tickets.add(ticket);
    this.#waiting.set(ticket, { ticket, branch, head, priority, order });
  }

  #refuseWhenClosed(): void {
    if (this.#end?.error !== undefined || this.#abort.signal.aborted) throw closed(this.#end?.error);
  }

  #wakeUp(): void {
    if (this.#resting && this.#end === undefined) {
      this.#resting = false;
      this.#rest = Promise.withResolvers();
    }
    this.#wake.resolve();
  }

  /** The only consumer: one group or change at a time, until something ends the queue. */
  async #run(): Promise<void> {
    try {
      while (!this.#abort.signal.aborted && this.#end === undefined) await this.#step();
      if (this.#end === undefined) this.#rest.resolve({ kind: 'closed' });
    } catch (error) {
      if (this.#abort.signal.aborted && !(isSwarmError(error) && error.code === 'JOURNAL_FAILED')) {
        this.#rest.resolve({ kind: 'closed' });
      } else this.#fail(error);
    }
    this.#refuseChanges();
  }

  async #step(): Promise<void> {
    const change = this.#changes.shift();
    if (change !== undefined) return await this.#landChange(change);
    if (this.#waiting.size > 0) {
      const batch = selectBatch(this.#waiting.values(), this.#options.maxBatch ?? DEFAULT_MAX_BATCH);
      const stop = await this.#orUnreachable(() => landGroup(this.#context, batch));
      if (stop !== undefined) this.#stopItself(stop);
      return;
    }
    this.#resting = true;
    this.#rest.resolve({ kind: 'empty' });
    await this.#wake.promise;
    this.#wake = Promise.withResolvers();
  }

  async #landChange({ request, result }: PendingChange): Promise<void> {
    let landed: ChangeResult | undefined;
    const stop = await this.#orUnreachable(async () => {
      try {
        landed = await landChange(this.#context, request);
      } catch (error) {
        if (!(error instanceof MergeQueueError)) {
          // The caller's own function failed, or it was aborted: not the queue's failure.
          result.reject(this.#abort.signal.aborted ? closed() : error);
          return undefined;
        }
        result.reject(error);
        throw error;
      }
      return landed.kind === 'stopped' ? landed.stop : undefined;
    });
    if (landed !== undefined) result.resolve(landed);
    if (stop !== undefined) this.#stopItself(stop);
  }

  /** A target that stays unreachable stops the queue in an orderly way. */
  async #orUnreachable(work: () => Promise<QueueStop | undefined>): Promise<QueueStop | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MergeQueueError) || error.code !== 'TARGET_UNREACHABLE') throw error;
      return { code: error.code, message: error.message };
    }
  }

  #stopItself(stop: QueueStop): void {
    this.#context.log.append({ type: 'queue_stopped', ...stop });
    this.#context.logger.error({ ...stop, waiting: this.#waiting.size }, 'the merge queue stopped');
    this.#end = { stop };
    this.#rest.resolve({ kind: 'stopped', stop });
  }

  #fail(cause: unknown): void {
    const error =
      cause instanceof MergeQueueError
        ? cause
        : new MergeQueueError('REPOSITORY_FAILED', `landing failed: ${toSwarmError(cause).message}`, {
            cause,
          });
    this.#context.logger.error({ code: error.code, error: error.message }, 'the merge queue failed');
    this.#end = { error };
    this.#rest.resolve(error);
    this.#context.log.close(error);
  }

  #refuseChanges(): void {
    const stop = this.#end?.stop;
    for (const { result } of this.#changes.splice(0)) {
      if (stop === undefined) result.reject(closed(this.#end?.error));
      else result.resolve({ kind: 'stopped', stop });
    }
  }
}

function closed(cause?: MergeQueueError): MergeQueueError {
  return new MergeQueueError('QUEUE_CLOSED', 'the merge queue is stopped', { cause });
}
