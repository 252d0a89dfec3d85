import { toSwarmError } from '@agentswarm/core';
import type { EventEmitter } from '../model/engine-event.ts';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import type { JsonValue } from '../model/json.ts';
import type { EvaluationCase, EvaluationSuite } from '../model/manifest-set.ts';
import type { RunResult } from '../model/run-result.ts';
import { EVALUATION_STATUSES, type EvaluationStatus } from '../model/vocabulary.ts';
import { checkAssertion, type AssertionPorts } from './check-assertion.ts';
import type { AssertionResult, EvaluationReport, EvaluationResult } from './evaluation-result.ts';

export interface EvaluatorPorts extends AssertionPorts {
  readonly run: (
    input: JsonValue,
    startNodeId: string | undefined,
    signal: AbortSignal | undefined,
  ) => Promise<RunResult>;
  readonly clock: EngineClock;
  readonly events: EventEmitter;
  /** Keeps a result as a `telemetry_snapshot` of a task. */
  readonly keep: (taskId: string, result: EvaluationResult) => void;
}

/** Runs cases one after another and says which of their assertions hold. */
export class Evaluator {
  readonly #ports: EvaluatorPorts;

  constructor(ports: EvaluatorPorts) {
    this.#ports = ports;
  }

  async runCase(evaluation: EvaluationCase, signal?: AbortSignal): Promise<EvaluationResult> {
    if (!evaluation.enabled) return this.#resultOf(evaluation, { startedMs: undefined, status: 'skipped' });
    const startedMs = this.#ports.clock.nowMs();
    const result = await this.#evaluate(evaluation, startedMs, signal);
    this.#ports.keep(result.task_id ?? `eval_${evaluation.id}`, result);
    const { case_id, status, execution_time_ms } = result;
    this.#ports.events.emit({
      name: 'evaluation_completed',
      task_id: result.task_id,
      stage_id: null,
      payload: { case_id, status, execution_time_ms },
    });
    return result;
  }

  async runSuite({ cases }: EvaluationSuite, signal?: AbortSignal): Promise<readonly EvaluationResult[]> {
    const results: EvaluationResult[] = [];
    for (const evaluation of cases) {
      signal?.throwIfAborted();
      results.push(await this.runCase(evaluation, signal));
    }
    return results;
  }

  /** Runs the cases that have one of the tags, or whose suite has; without tags all of them. */
  async runSuites(
    suites: readonly EvaluationSuite[],
    options: { readonly tags?: readonly string[]; readonly signal?: AbortSignal } = {},
  ): Promise<EvaluationReport> {
    const { tags = [], signal } = options;
    const isWanted = (own: readonly string[]) => tags.length === 0 || own.some((tag) => tags.includes(tag));
    const reports: { name: string; results: readonly EvaluationResult[] }[] = [];
    for (const suite of suites) {
      const cases = isWanted(suite.tags) ? suite.cases : suite.cases.filter((one) => isWanted(one.tags));
      if (cases.length === 0) continue;
      reports.push({ name: suite.name, results: await this.runSuite({ ...suite, cases }, signal) });
    }
    const all = reports.flatMap(({ results }) => results);
    const totals = Object.fromEntries(
      EVALUATION_STATUSES.map((status) => [status, all.filter((result) => result.status === status).length]),
    ) as Record<EvaluationStatus, number>;
    return { suites: reports, totals };
  }

  async #evaluate(
    evaluation: EvaluationCase,
    startedMs: number,
    signal: AbortSignal | undefined,
  ): Promise<EvaluationResult> {
    let run: RunResult;
    try {
      run = await this.#ports.run(evaluation.input, evaluation.start_node_id ?? undefined, signal);
    } catch (error) {
      const message = toSwarmError(error).message;
      return this.#resultOf(evaluation, { startedMs, status: 'error', message });
    }
    const assertions: AssertionResult[] = [];
    for (const assertion of evaluation.assertions) {
      assertions.push(await checkAssertion(assertion, run, this.#ports));
    }
    return this.#resultOf(evaluation, { startedMs, status: verdictOf(assertions), run, assertions });
  }

  #resultOf({ id, description }: EvaluationCase, end: CaseEnd): EvaluationResult {
    const { clock } = this.#ports;
    const { startedMs, run, assertions = [] } = end;
    const broken = assertions.find(({ status }) => status === 'error');
    return {
      case_id: id,
      case_description: description,
      status: end.status,
      ...outcomeOf(run),
      assertion_results: assertions,
      execution_time_ms: startedMs === undefined ? 0 : clock.nowMs() - startedMs,
      error_message: end.message ?? broken?.error_message ?? null,
      timestamp: isoTime(clock),
    };
  }
}

/** How a case ended; `startedMs` is undefined when it was not run. */
interface CaseEnd {
  readonly startedMs: number | undefined;
  readonly status: EvaluationStatus;
  readonly run?: RunResult;
  readonly assertions?: readonly AssertionResult[];
  readonly message?: string;
}

function outcomeOf(run: RunResult | undefined) {
  if (run === undefined) return { task_id: null, task_status: null, task_output: null };
  return { task_id: run.task_id, task_status: run.status, task_output: run.output };
}

/** An assertion that could not be checked makes the case an error. */
function verdictOf(assertions: readonly AssertionResult[]): EvaluationStatus {
  if (assertions.some(({ status }) => status === 'error')) return 'error';
  return assertions.every(({ status }) => status === 'passed') ? 'passed' : 'failed';
}
