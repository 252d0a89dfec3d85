import { isJsonObject, textOf, type JsonValue } from '../model/json.ts';
import type { RunResult } from '../model/run-result.ts';

const ICONS: Readonly<Record<string, string>> = { success: '✓', partial: '⚠' };
const TEXT_KEYS = ['content', 'text', 'message', 'result', 'data'] as const;

export function statusIcon(status: string): string {
  return ICONS[status] ?? '✗';
}

/** A finished run as lines: status, task, time, nodes, then its output or why it failed. */
export function renderResult(result: RunResult, maxOutputLines: number | null): readonly string[] {
  const { status, task_id, execution_time_ms, node_sequence, error } = result;
  return [
    `${statusIcon(status)} ${status}  ${task_id}  ${execution_time_ms} ms`,
    `Nodes: ${node_sequence.join(' → ')}`,
    ...(error === null ? [] : [`Error: ${error.message} [${error.error_id}]`]),
    ...truncated(outputLines(result.output), maxOutputLines),
  ];
}

/** The first telling field of an object, else all of it as indented JSON. */
function outputLines(output: JsonValue): readonly string[] {
  if (output === null) return [];
  if (isJsonObject(output)) {
    const key = TEXT_KEYS.find((name) => Object.hasOwn(output, name));
    const shown = key === undefined ? undefined : output[key];
    if (shown !== undefined) return prettyOf(shown).split('\n');
  }
  return prettyOf(output).split('\n');
}

function prettyOf(value: JsonValue): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value, undefined, 2) : textOf(value);
}

function truncated(lines: readonly string[], most: number | null): readonly string[] {
  if (most === null || lines.length <= most) return lines;
  return [...lines.slice(0, most), `… ${lines.length - most} more lines`];
}
