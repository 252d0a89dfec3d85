import type { EngineEvent } from '../model/engine-event.ts';
import { EventBus, type EventBusOptions, type EventListener } from './event-bus.ts';

/**
 * Every stream of an engine: one per run, each numbered by itself, so that a run's events are the same bytes
 * whatever runs beside it. Questions are answered over all of them, in the order they were opened.
 */
export class EventStreams {
  readonly #options: EventBusOptions;
  readonly #listeners: EventListener[] = [];
  /** Into which something may still be said. */
  readonly #open = new Set<EventBus>();
  #streams: EventBus[] = [];

  constructor(options: EventBusOptions) {
    this.#options = options;
  }

  open(): EventBus {
    const stream = new EventBus(this.#options);
    for (const listener of this.#listeners) stream.subscribe(listener);
    this.#streams.push(stream);
    this.#open.add(stream);
    return stream;
  }

  /** Nothing more comes in a stream; what it holds stays until everything is cleared. */
  end(stream: EventBus): void {
    this.#open.delete(stream);
  }

  /** Listens to every stream opened from now on. */
  subscribe(listener: EventListener): void {
    this.#listeners.push(listener);
  }

  events(): EngineEvent[] {
    return this.#streams.flatMap((stream) => stream.events());
  }

  /** Events of a category or of a name. */
  byType(categoryOrName: string): EngineEvent[] {
    return this.#streams.flatMap((stream) => stream.byType(categoryOrName));
  }

  byTask(taskId: string): EngineEvent[] {
    return this.#streams.flatMap((stream) => stream.byTask(taskId));
  }

  /** Forgets everything kept; streams that have not ended go on numbering where they were. */
  clear(): void {
    for (const stream of this.#streams) stream.clear();
    this.#streams = this.#streams.filter((stream) => this.#open.has(stream));
  }
}
