import type { EngineErrorRecord, JsonValue, RunResult } from '@agentswarm/dag-engine/engine';
import { hintFor } from '../hints.ts';
import type { Paint, Style } from '../view/paint.ts';
import { toTerminalLine } from '../view/terminal-text.ts';
import type { RunFailures } from './failed-records.ts';

const STYLES: Readonly<Record<string, Style>> = { success: 'green', partial: 'yellow', failure: 'red' };

/** Statuses of runs and tasks whose output is their result. */
const DONE: readonly string[] = ['success', 'completed', 'partial'];

/** A finished run as lines for people. Pure. */
export function formatRun(result: RunResult, failures: RunFailures, paint: Paint): string[] {
  const { status, task_id, execution_time_ms, node_sequence } = result;
  return [
    `${paint(STYLES[status] ?? 'red', status.padEnd(8))} ${toTerminalLine(task_id)}  ${execution_time_ms} ms`,
    labelled('nodes', node_sequence.join(' → ')),
    ...failureLines(result, failures),
    ...formatOutput(result),
  ];
}

/** An output below its label: text as it is, other JSON indented. What one that did not end well leaves is no result. */
export function formatOutput({
  status,
  output,
}: {
  readonly status: string;
  readonly output: JsonValue;
}): string[] {
  const label = DONE.includes(status) ? 'output' : 'so far';
  const text = typeof output === 'string' ? output : JSON.stringify(output, null, 2);
  return text.split('\n').map((line, index) => labelled(index === 0 ? label : '', line));
}

/** One line of a report: a word, then what it is about. */
export function labelled(label: string, text: string): string {
  return `${label.padEnd(8)} ${toTerminalLine(text)}`.trimEnd();
}

function failureLines({ error }: RunResult, { nodes, tools }: RunFailures): string[] {
  const known = nodes.some((record) => record.error?.error_id === error?.error_id);
  const errors = nodes.flatMap((record) => (record.error === null ? [] : [record.error]));
  return [
    ...nodes.flatMap(({ node_id, error: failed }) =>
      failed === null ? [] : [labelled('failed', `${node_id}: ${textOf(failed)}`)],
    ),
    ...(error === null || known ? [] : [labelled('failed', textOf(error))]),
    ...tools.flatMap(({ node_id, tool_calls }) =>
      tool_calls.flatMap(({ tool_id, error: failed }) =>
        failed === null ? [] : [labelled('tool', `${tool_id} in ${node_id}: ${textOf(failed)}`)],
      ),
    ),
    ...hintsOf(errors).map((hint) => labelled('hint', hint)),
  ];
}

function textOf({ message, error_id }: EngineErrorRecord): string {
  return `${message} [${error_id}]`;
}

function hintsOf(errors: readonly EngineErrorRecord[]): string[] {
  return [
    ...new Set(
      errors.flatMap((error) => codesOf(error).flatMap((code) => hintFor({ code, details: {} }) ?? [])),
    ),
  ];
}

/** Causes whose advice holds here as it does for a run of the swarm. */
const CAUSES: readonly unknown[] = [
  'ENDPOINT_UNREACHABLE',
  'ENDPOINT_INVALID',
  'AUTH_REJECTED',
  'MODEL_UNKNOWN',
  'PRICE_UNKNOWN',
];

function codesOf({ error_id, details }: EngineErrorRecord): string[] {
  const cause = details?.['cause_code'];
  return typeof cause === 'string' && CAUSES.includes(cause) ? [error_id, cause] : [error_id];
}
