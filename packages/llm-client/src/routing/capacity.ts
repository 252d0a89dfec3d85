const ALPHA = 0.2;
/** A level of load counts as useful when it brings so much more calls per second than the best one below it. */
const WORTHWHILE_GAIN = 1.1;
const MIN_SAMPLES = 5;

/** What an endpoint was seen to do, and where more load stops to help. */
export interface CapacityEstimate {
  /** Most calls per second seen at any load; undefined before there are enough calls. */
  readonly callsPerSecond: number | undefined;
  /** Answer tokens per second of one call, moving average. */
  readonly decodeTokensPerSecond: number | undefined;
  /** Calls at the same time beyond which more only take longer; undefined while more still helps. */
  readonly kneeConcurrency: number | undefined;
}

interface Level {
  readonly samples: number;
  readonly meanConcurrency: number;
  readonly meanDurationMs: number;
}

/** Call durations by load, in levels that double: 1, 2–3, 4–7, … calls at the same time. */
export interface CapacityModel {
  readonly levels: ReadonlyMap<number, Level>;
  readonly decodeTokensPerSecond: number | undefined;
}

export const NO_CAPACITY: CapacityModel = { levels: new Map(), decodeTokensPerSecond: undefined };

/** Adds one answered call; `concurrency` counts the calls that were under way with it, itself included. */
export function observeCall(
  model: CapacityModel,
  call: { readonly concurrency: number; readonly durationMs: number; readonly completionTokens: number },
): CapacityModel {
  const durationMs = Math.max(1, call.durationMs);
  const key = Math.floor(Math.log2(Math.max(1, call.concurrency)));
  const old = model.levels.get(key);
  const level = {
    samples: (old?.samples ?? 0) + 1,
    meanConcurrency: average(old?.meanConcurrency, call.concurrency),
    meanDurationMs: average(old?.meanDurationMs, durationMs),
  };
  const speed = (call.completionTokens * 1000) / durationMs;
  return {
    levels: new Map(model.levels).set(key, level),
    decodeTokensPerSecond:
      call.completionTokens === 0 ? model.decodeTokensPerSecond : average(model.decodeTokensPerSecond, speed),
  };
}

/**
 * Reads the knee off the levels: by Little's law a level's throughput is its concurrency over its mean duration, and
 * the knee is where the next level brings less than a tenth more.
 */
export function estimateCapacity(model: CapacityModel): CapacityEstimate {
  const levels = [...model.levels]
    .filter(([, level]) => level.samples >= MIN_SAMPLES)
    .toSorted(([a], [b]) => a - b)
    .map(([, level]) => level);
  let best: { rate: number; concurrency: number } | undefined;
  let knee: number | undefined;
  let mostPerSecond: number | undefined;
  for (const level of levels) {
    const rate = (level.meanConcurrency * 1000) / level.meanDurationMs;
    mostPerSecond = Math.max(mostPerSecond ?? 0, rate);
    if (best === undefined || rate >= best.rate * WORTHWHILE_GAIN) {
      best = { rate, concurrency: level.meanConcurrency };
      knee = undefined;
    } else knee ??= Math.round(best.concurrency);
  }
  return {
    callsPerSecond: mostPerSecond,
    decodeTokensPerSecond: model.decodeTokensPerSecond,
    kneeConcurrency: knee,
  };
}

/** Endpoints side by side; the knee of all is known when that of each is. */
export function addCapacities(estimates: readonly CapacityEstimate[]): CapacityEstimate {
  const known = (pick: (one: CapacityEstimate) => number | undefined) =>
    estimates.flatMap((one) => pick(one) ?? []);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const rates = known((one) => one.callsPerSecond);
  const speeds = known((one) => one.decodeTokensPerSecond);
  const knees = known((one) => one.kneeConcurrency);
  return {
    callsPerSecond: rates.length === 0 ? undefined : sum(rates),
    decodeTokensPerSecond: speeds.length === 0 ? undefined : sum(speeds) / speeds.length,
    kneeConcurrency: knees.length === estimates.length && knees.length > 0 ? sum(knees) : undefined,
  };
}

function average(old: number | undefined, value: number): number {
  return old === undefined ? value : old + ALPHA * (value - old);
}
