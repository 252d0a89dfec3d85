import type { EventSink, QueueEvent } from '@agentswarm/core';
import { MergeQueueError } from '../errors.ts';

/** The events of one queue: first stored, then shown to whoever listens. */
export class EventLog {
  readonly #journal: EventSink | undefined;
  readonly #events: QueueEvent[] = [];
  #changed = Promise.withResolvers<void>();
  #end: { readonly error?: MergeQueueError } | undefined;

  constructor(journal: EventSink | undefined) {
    this.#journal = journal;
  }

  /** @throws {MergeQueueError} `JOURNAL_FAILED`: the event was not stored and nobody was told. */
  append(event: QueueEvent): void {
    try {
      this.#journal?.append(event);
    } catch (error) {
      throw new MergeQueueError('JOURNAL_FAILED', `the journal did not take ${event.type}`, {
        details: { type: event.type },
        cause: error,
      });
    }
    this.#events.push(event);
    this.#wake();
  }

  /** Ends the stream of every listener, with an error when one is given. */
  close(error?: MergeQueueError): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake();
  }

  async *events(): AsyncGenerator<QueueEvent, void, void> {
    for (let next = 0; ; next += 1) {
      while (next >= this.#events.length) {
        if (this.#end?.error !== undefined) throw this.#end.error;
        if (this.#end !== undefined) return;
        await this.#changed.promise;
      }
      const event = this.#events[next];
      if (event !== undefined) yield event;
    }
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
