import type { JsonValue } from '../model/json.ts';
import type { EvaluationAssertion } from '../model/manifest-set.ts';
import type { EvaluationStatus } from '../model/vocabulary.ts';

export interface AssertionResult {
  readonly assertion: EvaluationAssertion;
  readonly status: EvaluationStatus;
  readonly actual_value: JsonValue;
  readonly error_message: string | null;
}

export interface EvaluationResult {
  readonly case_id: string;
  readonly case_description: string;
  readonly status: EvaluationStatus;
  /** `null` when nothing was run. */
  readonly task_id: string | null;
  readonly task_status: string | null;
  readonly task_output: JsonValue;
  readonly assertion_results: readonly AssertionResult[];
  readonly execution_time_ms: number;
  readonly error_message: string | null;
  readonly timestamp: string;
}

/** Results of several suites with how many there are of each status. */
export interface EvaluationReport {
  readonly suites: readonly { readonly name: string; readonly results: readonly EvaluationResult[] }[];
  readonly totals: Readonly<Record<EvaluationStatus, number>>;
}
