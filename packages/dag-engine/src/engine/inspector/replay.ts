import type { JsonValue } from '../model/json.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';

/** One execution of a recorded history, seen from where it stood. */
export interface ReplayStep {
  /** From 0. */
  readonly index: number;
  readonly record: StageExecutionRecord;
  /** What the task had before and after: a node that failed changes nothing. */
  readonly output_before: JsonValue;
  readonly output_after: JsonValue;
}

/** Goes through what a task did, forwards and backwards. Runs nothing and changes nothing. */
export class Replay {
  readonly #steps: readonly ReplayStep[];
  #position = -1;

  constructor(history: readonly StageExecutionRecord[]) {
    this.#steps = stepsOf(history);
  }

  get length(): number {
    return this.#steps.length;
  }

  /** `null` before the first step. */
  get current(): ReplayStep | null {
    return this.#steps[this.#position] ?? null;
  }

  /** The step after, `null` beyond the last, where it stays. */
  next(): ReplayStep | null {
    this.#position = Math.min(this.#position + 1, this.#steps.length);
    return this.current;
  }

  /** The step before, `null` before the first, where it stays. */
  previous(): ReplayStep | null {
    this.#position = Math.max(this.#position - 1, -1);
    return this.current;
  }

  /** Back to before the first step. */
  rewind(): void {
    this.#position = -1;
  }
}

function stepsOf(history: readonly StageExecutionRecord[]): readonly ReplayStep[] {
  let output_before: JsonValue = history[0]?.input ?? null;
  return history.map((record, index) => {
    const output_after = record.error === null ? record.output : output_before;
    const step = { index, record, output_before, output_after };
    output_before = output_after;
    return Object.freeze(step);
  });
}
