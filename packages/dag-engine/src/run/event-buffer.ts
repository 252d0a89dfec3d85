/** Events that wait for the one who reads them. Reading before there is one waits for it. */
export class EventBuffer<Event> {
  #events: Event[] = [];
  #read = 0;
  #end: { readonly error?: unknown } | undefined;
  #waiting: PromiseWithResolvers<IteratorResult<Event, undefined>> | undefined;

  push(event: Event): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#events.push(event);
      return;
    }
    this.#waiting = undefined;
    waiting.resolve({ value: event, done: false });
  }

  /** Nothing follows; with `error`, the reader gets it after the last event. */
  end(end: { readonly error?: unknown } = {}): void {
    this.#end = end;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) void this.next().then(waiting.resolve, waiting.reject);
  }

  /** Contract: the next call comes after the promise of this one has settled. */
  next(): Promise<IteratorResult<Event, undefined>> {
    if (this.#read < this.#events.length) {
      const value = this.#events[this.#read] as Event;
      this.#read += 1;
      if (this.#read === this.#events.length) {
        this.#events = [];
        this.#read = 0;
      }
      return Promise.resolve({ value, done: false });
    }
    if (this.#end === undefined) {
      this.#waiting ??= Promise.withResolvers();
      return this.#waiting.promise;
    }
    return this.#last(this.#end);
  }

  async #last(end: { readonly error?: unknown }): Promise<IteratorResult<Event, undefined>> {
    this.#end = {};
    if ('error' in end) throw end.error;
    return { value: undefined, done: true };
  }
}
