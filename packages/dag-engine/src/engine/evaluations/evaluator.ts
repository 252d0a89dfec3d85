import { toSwarmError } from '@agentswarm/core';
import type { ArtifactStore } from '../artifacts/artifact-store.ts';
import type { EventEmitter } from '../model/engine-event.ts';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import { createJsonFreezer, type TextMapping } from '../model/frozen-json.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { EvaluationCase, EvaluationSuite } from '../model/manifest-set.ts';
import type { EvaluationStatus } from '../model/vocabulary.ts';
import {
  checkAssertion,
  type AssertionPorts,
  type AssertionResult,
  type EvaluatedRun,
} from './check-assertion.ts';

export interface EvaluatorOptions extends AssertionPorts {
  /** Runs the workflow. Contract: rejects only for a caller's mistake. */
  readonly run: (
    input: JsonValue,
    startNodeId: string | null,
    signal: AbortSignal | undefined,
  ) => Promise<EvaluatedRun>;
  readonly artifacts: Pick<ArtifactStore, 'add'>;
  readonly events: EventEmitter;
  readonly clock: EngineClock;
  /** Removes known secret values from results: assertions are code of the project. */
  readonly redact?: TextMapping;
}

/** What came of one case. */
export interface EvaluationResult {
  readonly case_id: string;
  readonly case_description: string;
  readonly status: EvaluationStatus;
  readonly task_id: string | null;
  readonly task_status: string | null;
  readonly task_output: JsonValue;
  readonly assertion_results: readonly AssertionResult[];
  readonly execution_time_ms: number;
  readonly error_message: string | null;
  readonly timestamp: string;
}

/** What came of the cases of a suite, in their order. */
export interface SuiteResult {
  readonly name: string;
  readonly results: readonly EvaluationResult[];
}

/** What came of several suites. */
export interface EvaluationReport {
  readonly suites: readonly SuiteResult[];
  readonly totals: Readonly<Record<EvaluationStatus | 'total', number>>;
}

/** Runs cases of a workflow and checks what comes out, one after the other. */
export class Evaluator {
  readonly #options: EvaluatorOptions;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /** Never rejects for what the case does: that is its status. Keeps an artifact and says `evaluation_completed`. */
  async runCase(test: EvaluationCase, signal?: AbortSignal): Promise<EvaluationResult> {
    const { artifacts, events, clock, redact } = this.#options;
    const startedMs = clock.nowMs();
    const isRun = test.enabled && signal?.aborted !== true;
    const judged = isRun ? await this.#judge(test, signal) : skipped(test);
    const told: EvaluationResult = {
      case_id: test.id,
      case_description: test.description,
      ...judged,
      execution_time_ms: isRun ? clock.nowMs() - startedMs : 0,
      timestamp: isoTime(clock),
    };
    const result = createJsonFreezer(redact)(told) as JsonObject & EvaluationResult;
    if (!isRun) return result;
    artifacts.add({
      task_id: result.task_id ?? `eval_${test.id}`,
      node_id: null,
      artifact_type: 'telemetry_snapshot',
      payload: result,
    });
    const { status, execution_time_ms } = result;
    events.emit({
      name: 'evaluation_completed',
      task_id: result.task_id,
      stage_id: null,
      payload: { case_id: test.id, status, execution_time_ms },
    });
    return result;
  }

  /** Once aborted no more cases are begun: they are skipped. */
  async runSuite(
    { name, cases }: Pick<EvaluationSuite, 'name' | 'cases'>,
    signal?: AbortSignal,
  ): Promise<SuiteResult> {
    const results: EvaluationResult[] = [];
    for (const test of cases) results.push(await this.runCase(test, signal));
    return { name, results };
  }

  /** With tags: only cases that have one of them, themselves or by their suite. */
  async evaluateSuites(
    suites: readonly EvaluationSuite[],
    { tags, signal }: { readonly tags?: readonly string[]; readonly signal?: AbortSignal } = {},
  ): Promise<EvaluationReport> {
    const done: SuiteResult[] = [];
    for (const suite of suites) {
      const cases = suite.cases.filter((test) => isWanted([...suite.tags, ...test.tags], tags));
      if (cases.length > 0) done.push(await this.runSuite({ name: suite.name, cases }, signal));
    }
    return { suites: done, totals: countStatuses(done) };
  }

  async #judge(test: EvaluationCase, signal: AbortSignal | undefined): Promise<Judgement> {
    try {
      const run = await this.#options.run(test.input, test.start_node_id, signal);
      const assertion_results: AssertionResult[] = [];
      for (const assertion of test.assertions) {
        assertion_results.push(await checkAssertion(assertion, run, this.#options));
      }
      const { task_id, status, output } = run;
      return {
        ...verdictOver(assertion_results),
        task_id,
        task_status: status,
        task_output: output,
        assertion_results,
      };
    } catch (error) {
      return { ...SKIPPED, status: 'error', error_message: toSwarmError(error).message };
    }
  }
}

type Judgement = Omit<EvaluationResult, 'case_id' | 'case_description' | 'execution_time_ms' | 'timestamp'>;

const SKIPPED: Judgement = {
  status: 'skipped',
  task_id: null,
  task_status: null,
  task_output: null,
  assertion_results: [],
  error_message: null,
};

/** Switched off, or never begun. */
function skipped({ enabled }: EvaluationCase): Judgement {
  return enabled ? { ...SKIPPED, error_message: 'the evaluation was interrupted' } : SKIPPED;
}

/** An assertion that could not be checked weighs more than one that does not hold. */
function verdictOver(
  results: readonly AssertionResult[],
): Pick<EvaluationResult, 'status' | 'error_message'> {
  const worst =
    results.find(({ status }) => status === 'error') ?? results.find(({ status }) => status === 'failed');
  return { status: worst?.status ?? 'passed', error_message: worst?.error_message ?? null };
}

function isWanted(own: readonly string[], wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || own.some((tag) => wanted.includes(tag));
}

function countStatuses(suites: readonly SuiteResult[]): EvaluationReport['totals'] {
  const statuses = suites.flatMap(({ results }) => results.map(({ status }) => status));
  const count = (wanted: EvaluationStatus) => statuses.filter((status) => status === wanted).length;
  return {
    total: statuses.length,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    error: count('error'),
  };
}
