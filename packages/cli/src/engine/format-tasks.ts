import type { LineageTree, TaskView } from '@agentswarm/dag-engine/engine';
import type { Paint, Style } from '../view/paint.ts';
import { toTerminalLine } from '../view/terminal-text.ts';
import { formatOutput, labelled } from './format-run.ts';
import type { Damaged } from './read-tasks.ts';

const STYLES: Readonly<Record<string, Style>> = { completed: 'green', partial: 'yellow', failed: 'red' };
const STATUS_WIDTH = 'in_progress'.length;

/** One line for each task that was not made from another, newest last; then what could not be read. Pure. */
export function formatTaskList(tasks: readonly TaskView[], damaged: Damaged, paint: Paint): string[] {
  const roots = tasks.filter(({ parent_task_id }) => parent_task_id === null);
  return [
    ...roots.map((task) => {
      const { task_id, created_at, history } = task;
      const nodes = history.map(({ node_id }) => node_id).join(' → ');
      return `${statusOf(task.status, paint)}  ${created_at}  ${toTerminalLine(`${task_id}  ${nodes}`)}`;
    }),
    ...[...damaged].map(([taskId, { message }]) =>
      toTerminalLine(`${'unreadable'.padEnd(STATUS_WIDTH)}  ${taskId}: ${message}`),
    ),
  ];
}

/** A task: when, what it ran, what was made from it, and its output. Pure. */
export function formatTask(task: TaskView, lineage: LineageTree | null, paint: Paint): string[] {
  const { task_id, status, created_at, updated_at, history } = task;
  const durationMs = Date.parse(updated_at) - Date.parse(created_at);
  return [
    `${statusOf(status, paint)}  ${toTerminalLine(task_id)}`,
    labelled('created', `${created_at}, ended after ${durationMs} ms`),
    labelled('input', JSON.stringify(task.spec.request)),
    ...history.flatMap(recordLines),
    ...(lineage === null || lineage.children.length === 0 ? [] : treeLines(lineage)),
    ...formatOutput({ status: task.status, output: task.current_output }),
  ];
}

function recordLines(record: TaskView['history'][number]): string[] {
  const { seq, node_id, node_role, node_status, started_at, completed_at, error, tool_calls } = record;
  const durationMs = Date.parse(completed_at) - Date.parse(started_at);
  const line = `${node_id} (${node_role})  ${node_status}  ${durationMs} ms`;
  return [
    labelled(`${seq}`.padStart(5), line),
    ...tool_calls.map(({ tool_id, inputs, error: failed }) =>
      labelled('', `  ${tool_id} ${JSON.stringify(inputs)}${failed === null ? '' : `: ${failed.message}`}`),
    ),
    ...(error === null ? [] : [labelled('', `  ${error.message} [${error.error_id}]`)]),
  ];
}

function treeLines(tree: LineageTree): string[] {
  const lines = (node: LineageTree, depth: number): string[] => [
    `${'  '.repeat(depth)}${node.task_id}  ${node.lineage_type ?? 'root'}, ${node.status}`,
    ...node.children.flatMap((child) => lines(child, depth + 1)),
  ];
  return lines(tree, 0).map((line, index) => labelled(index === 0 ? 'lineage' : '', line));
}

function statusOf(status: string, paint: Paint): string {
  return paint(STYLES[status] ?? 'cyan', status.padEnd(STATUS_WIDTH));
}
