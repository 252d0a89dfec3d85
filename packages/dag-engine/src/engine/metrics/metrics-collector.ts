import type { EngineEvent } from '../model/engine-event.ts';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import type { JsonObject } from '../model/json.ts';
import type { MetricDefinition, MetricsProfile } from '../model/manifest-set.ts';
import type { MetricType } from '../model/vocabulary.ts';
import { measurementsOf, type Measurement, type Tags } from './event-measurements.ts';

/** One value of a metric. */
export interface MetricSample {
  readonly metric_name: string;
  readonly metric_type: MetricType;
  /** Timers: milliseconds. */
  readonly value: number;
  readonly timestamp: string;
  readonly tags: Tags;
  readonly metadata: JsonObject;
}

/**
 * Collects the metrics a profile enables, from events alone: every time is that of an event. Without a profile it
 * collects nothing. Subscribe `observe` to the streams of an engine.
 */
export class MetricsCollector {
  readonly #enabled: ReadonlyMap<string, MetricDefinition>;
  readonly #clock: EngineClock;
  /** When what goes on began, by key, in milliseconds since the epoch. */
  readonly #running = new Map<string, number>();
  #samples: MetricSample[] = [];

  constructor({ profile, clock }: { readonly profile: MetricsProfile | null; readonly clock: EngineClock }) {
    const metrics = profile?.metrics.filter((metric) => metric.enabled) ?? [];
    this.#enabled = new Map(metrics.map((metric) => [metric.name, metric]));
    this.#clock = clock;
  }

  observe(event: EngineEvent): void {
    if (this.#enabled.size === 0) return;
    for (const measurement of measurementsOf(event)) this.#take(measurement, event.timestamp);
  }

  /** Records a value at this moment, when the profile enables a gauge of this name. */
  recordGauge(name: string, value: number, tags: Tags = {}): void {
    this.#record({ name, type: 'gauge', value, tags }, isoTime(this.#clock));
  }

  /** A copy, in the order they were taken; of one name and of one type where given. */
  getSamples(name?: string, type?: MetricType): readonly MetricSample[] {
    return this.#samples.filter(
      (sample) =>
        (name === undefined || sample.metric_name === name) &&
        (type === undefined || sample.metric_type === type),
    );
  }

  clear(): void {
    this.#samples = [];
  }

  #take(measurement: Measurement, timestamp: string): void {
    switch (measurement.kind) {
      case 'sample':
        return this.#record(measurement, timestamp);
      case 'start':
        this.#running.set(measurement.key, Date.parse(timestamp));
        return;
      case 'stop': {
        const startedMs = this.#running.get(measurement.key);
        if (startedMs === undefined) return;
        this.#running.delete(measurement.key);
        this.#record({ ...measurement, type: 'timer', value: Date.parse(timestamp) - startedMs }, timestamp);
      }
    }
  }

  #record(
    {
      name,
      type,
      value,
      tags,
    }: { readonly name: string; readonly type: MetricType; readonly value: number; readonly tags: Tags },
    timestamp: string,
  ): void {
    const definition = this.#enabled.get(name);
    if (definition?.type !== type) return;
    this.#samples.push(
      Object.freeze({
        metric_name: name,
        metric_type: type,
        value,
        timestamp,
        tags: Object.freeze({ ...definition.tags, ...tags }),
        metadata: Object.freeze({}),
      }),
    );
  }
}
