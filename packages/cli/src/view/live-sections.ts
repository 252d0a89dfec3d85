import type { AttemptState, RunState } from '@agentswarm/core';
import { formatDuration, formatQuantity } from './format.ts';
import type { FrameOptions, Section } from './live-section.ts';
import { activeAttempts } from './task-phase.ts';
import { fitToWidth, padToWidth, toTerminalLine } from './terminal-text.ts';

/** What each worker does now. */
export function workerLines(state: RunState, options: FrameOptions): Section {
  const active = activeAttempts(state);
  const limit = state.run?.config['maxWorkers'];
  const heading = `workers ${active.length}${typeof limit === 'number' ? ` of ${limit}` : ''}`;
  const nameColumns = columnsFor(
    active.map((attempt) => attempt.id),
    options.columns,
  );
  return { heading, lines: active.map((attempt) => workerLine(attempt, nameColumns, options)) };
}

function workerLine(
  attempt: AttemptState,
  nameColumns: number,
  { columns, nowMs, paint }: FrameOptions,
): string {
  const name = padToWidth(attempt.id, nameColumns);
  const time = formatDuration(nowMs - attempt.startedAtMs).padStart(6);
  const tools = formatQuantity(attempt.toolCalls, 'tool call').padEnd(13);
  const activity = fitToWidth(toTerminalLine(attempt.activity), columns - nameColumns - 26);
  return `  ${paint('cyan', name)} ${paint('dim', time)}  ${tools}  ${activity}`;
}

/** The merge queue: what the gate tests and what waits. */
export function queueLines(state: RunState, { columns, paint }: FrameOptions): Section {
  const gating = new Set(state.queue.gating);
  const landing = new Set(state.queue.intents.flatMap((intent) => intent.tickets));
  const nameColumns = columnsFor(state.queue.tickets, columns);
  const lines = state.queue.tickets.map((ticket) => {
    const name = padToWidth(toTerminalLine(ticket), nameColumns);
    if (landing.has(ticket)) return `  ${name} ${paint('green', 'landing')}`;
    return gating.has(ticket)
      ? `  ${name} ${paint('yellow', 'in the gate')}`
      : `  ${name} ${paint('dim', 'waiting')}`;
  });
  return { heading: `merge queue ${state.queue.tickets.length}`, lines };
}

function columnsFor(names: readonly string[], columns: number): number {
  const longest = Math.max(0, ...names.map((name) => name.length));
  return Math.max(4, Math.min(longest, Math.floor(columns / 2) - 4, 40));
}
