import type { EvaluationReport, EvaluationResult } from '@agentswarm/dag-engine/engine';
import { formatQuantity } from '../view/format.ts';
import type { Paint, Style } from '../view/paint.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

/** Why nodes of a task failed, one text each. */
export type FailuresOf = (taskId: string) => readonly string[];

type CaseStatus = EvaluationResult['status'];

const LABELS: Readonly<Record<CaseStatus, string>> = {
  passed: 'passed ',
  failed: 'FAILED ',
  error: 'ERROR  ',
  skipped: 'skipped',
};
const STYLES: Readonly<Record<CaseStatus, Style>> = {
  passed: 'green',
  failed: 'red',
  error: 'red',
  skipped: 'dim',
};

/** Whether nothing failed: a case that could not be judged counts as failed. */
export function hasPassed({ totals }: EvaluationReport): boolean {
  return totals.failed + totals.error === 0;
}

/** Every case with what is wrong with it, suite by suite, then the totals. */
export function formatEvaluation(
  report: EvaluationReport,
  { paint, failuresOf }: { readonly paint: Paint; readonly failuresOf: FailuresOf },
): string[] {
  const width = Math.max(
    0,
    ...report.suites.flatMap(({ results }) => results.map((one) => one.case_id.length)),
  );
  return [
    ...report.suites.flatMap(({ name, results }) => [
      paint('bold', toTerminalLine(name)),
      ...results.flatMap((result) => [caseLine(result, width, paint), ...reasonLines(result, failuresOf)]),
      '',
    ]),
    totalLine(report),
  ];
}

function caseLine(result: EvaluationResult, width: number, paint: Paint): string {
  const { case_id, status, execution_time_ms, case_description } = result;
  const label = paint(STYLES[status], LABELS[status]);
  const rest = `${case_id.padEnd(width)}  ${String(execution_time_ms).padStart(6)} ms  ${case_description}`;
  return `  ${label}  ${toTerminalLine(rest)}`.trimEnd();
}

function reasonLines(result: EvaluationResult, failuresOf: FailuresOf): string[] {
  const { status, task_id, assertion_results, error_message } = result;
  if (status === 'passed') return [];
  const reasons = assertion_results.flatMap(({ assertion, error_message: reason }) =>
    reason === null ? [] : [`${assertion.type}: ${reason}`],
  );
  const own = reasons.length === 0 && error_message !== null ? [error_message] : reasons;
  const run = task_id === null ? [] : failuresOf(task_id);
  return [...own, ...run].map((reason) => `           ${toTerminalLine(reason)}`);
}

function totalLine({ totals }: EvaluationReport): string {
  const { total, passed, failed, error, skipped } = totals;
  const parts = [
    `${passed} passed`,
    `${failed} failed`,
    ...(error === 0 ? [] : [formatQuantity(error, 'error')]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
  ];
  return `${formatQuantity(total, 'case')}: ${parts.join(', ')}`;
}
