import { silentLogger, toSwarmError, type Logger } from '@agentswarm/core';
import {
  EVENT_CATEGORIES,
  type EngineEvent,
  type EventEmitter,
  type Occurrence,
} from '../model/engine-event.ts';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import { createJsonFreezer, type JsonFreezer, type TextMapping } from '../model/frozen-json.ts';
import type { JsonObject } from '../model/json.ts';

/** Contract: synchronous. What it throws is logged and goes no further. */
export type EventListener = (event: EngineEvent) => void;

export interface EventBusOptions {
  readonly clock: EngineClock;
  /** On every event: `engine_version` and `manifest_digest`. */
  readonly metadata: JsonObject;
  /** Removes known secret values from texts. */
  readonly redact?: TextMapping;
  readonly logger?: Logger;
}

/**
 * One stream of events: numbers, stamps, redacts and freezes what is emitted, keeps it and hands the same copy to
 * every listener, in the order they subscribed. What a listener emits is delivered after the event at hand.
 */
export class EventBus implements EventEmitter {
  readonly #clock: EngineClock;
  readonly #freeze: JsonFreezer;
  readonly #metadata: JsonObject;
  readonly #logger: Logger;
  readonly #listeners = new Set<EventListener>();
  readonly #undelivered: EngineEvent[] = [];
  #delivering = false;
  #events: EngineEvent[] = [];
  #seq = 0;

  constructor({ clock, metadata, redact, logger = silentLogger }: EventBusOptions) {
    this.#clock = clock;
    this.#freeze = createJsonFreezer(redact);
    this.#metadata = this.#freeze(metadata) as JsonObject;
    this.#logger = logger;
  }

  emit(occurrence: Occurrence): void {
    const event = this.#stamp(occurrence);
    this.#events.push(event);
    this.#undelivered.push(event);
    if (this.#delivering) return;
    this.#delivering = true;
    for (let next = this.#undelivered.shift(); next !== undefined; next = this.#undelivered.shift()) {
      this.#deliver(next);
    }
    this.#delivering = false;
  }

  /** Gives what ends the subscription. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A copy of the list, in order of `seq`. */
  events(): EngineEvent[] {
    return [...this.#events];
  }

  /** Events of a category (`tool`) or of a name (`tool_failed`). */
  byType(categoryOrName: string): EngineEvent[] {
    return this.#events.filter(({ type, name }) => type === categoryOrName || name === categoryOrName);
  }

  byTask(taskId: string): EngineEvent[] {
    return this.#events.filter(({ task_id }) => task_id === taskId);
  }

  /** Forgets the events kept; numbers go on where they were. */
  clear(): void {
    this.#events = [];
  }

  #stamp({ name, task_id, stage_id, payload }: Occurrence): EngineEvent {
    this.#seq += 1;
    return Object.freeze({
      event_id: `${name}-${this.#seq}`,
      seq: this.#seq,
      name,
      type: EVENT_CATEGORIES[name],
      task_id,
      stage_id,
      timestamp: isoTime(this.#clock),
      payload: this.#freeze({ event: name, ...payload }) as JsonObject,
      metadata: this.#metadata,
    });
  }

  #deliver(event: EngineEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#logger.error(
          { event: event.event_id, error: toSwarmError(error).message },
          'event listener threw',
        );
      }
    }
  }
}
