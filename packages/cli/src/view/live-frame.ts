import { activeMsUntil, landedFeatures, type RunState } from '@agentswarm/core';
import type { FrameOptions, Section } from './live-section.ts';
import { recentLines } from './live-recent.ts';
import { queueLines, workerLines } from './live-sections.ts';
import { formatCount, formatDuration, formatQuantity } from './format.ts';
import { formatSpentOf } from './money.ts';
import { plainPaint } from './paint.ts';
import { countPhases } from './task-phase.ts';
import { fitToWidth, toTerminalLine, widthOf } from './terminal-text.ts';

const MIN_COLUMNS = 20;
/** Below this width lines are cut as a whole, which only works without colours. */
const MIN_PAINTED_COLUMNS = 48;

/** The live view of a run as lines that fit the terminal. Pure. */
export function renderFrame(state: RunState, options: FrameOptions): string[] {
  const columns = Math.max(MIN_COLUMNS, options.columns);
  const isNarrow = columns < MIN_PAINTED_COLUMNS;
  const frame = { ...options, columns, paint: isNarrow ? plainPaint : options.paint };
  const header = headerLines(state, frame);
  const sections = [workerLines(state, frame), queueLines(state, frame), recentLines(state, frame)];
  // One row stays free: writing into the last one would scroll the terminal.
  const lines = fitSections(header, sections, frame).slice(0, Math.max(1, options.rows - 1));
  return isNarrow ? lines.map((line) => fitToWidth(line, columns)) : lines;
}

function headerLines(state: RunState, options: FrameOptions): string[] {
  const { columns, paint, nowMs } = options;
  const elapsed = formatDuration(activeMsUntil(state, nowMs));
  const title = state.run === undefined ? 'starting' : `${state.run.runId} on ${state.run.target.path}`;
  const left = fitToWidth(toTerminalLine(`AgentSwarm  ${title}`), columns - widthOf(elapsed) - 2);
  const gap = ' '.repeat(Math.max(1, columns - widthOf(left) - widthOf(elapsed)));
  return [
    paint('bold', left) + gap + elapsed,
    progressLine(state, options),
    labelled('tasks', taskCounts(state), options),
    labelled('model', modelText(state), options),
    ...moneyLine(state, options),
    ...warningLine(state, options),
  ];
}

function progressLine(state: RunState, { columns, paint }: FrameOptions): string {
  const total = state.features.length;
  const landed = landedFeatures(state).size;
  const text = ` ${landed}/${total} features landed`;
  const size = Math.max(0, Math.min(50, columns - widthOf(text)));
  const filled = total === 0 ? 0 : Math.round((landed / total) * size);
  return (
    paint('green', '█'.repeat(filled)) +
    paint('dim', '░'.repeat(size - filled)) +
    fitToWidth(text, columns - size)
  );
}

function taskCounts(state: RunState): string {
  const counts = [...countPhases(state)].map(([phase, count]) => `${count} ${phase}`);
  const planning = state.planning.active ? [`planning round ${state.planning.round}`] : [];
  return [...counts, ...planning].join(' · ') || 'none planned yet';
}

function modelText(state: RunState): string {
  const { calls, promptTokens, completionTokens, failedCalls } = state.usage;
  const several = state.endpoints.length > 1;
  const names = state.endpoints.map(
    ({ name, model, ownedBy }) => `${several ? `${name}: ` : ''}${model} (owned by ${ownedBy})`,
  );
  const failed = failedCalls === 0 ? [] : [`${failedCalls} failed`];
  return [
    ...names,
    formatQuantity(calls, 'call'),
    ...failed,
    `${formatCount(promptTokens)} in, ${formatCount(completionTokens)} out`,
  ].join(' · ');
}

function moneyLine({ spend }: RunState, options: FrameOptions): string[] {
  const { policy, total, byProvider } = spend;
  if (Object.keys(policy).length + Object.keys(byProvider).length === 0) return [];
  const spent = formatSpentOf({ usd: total.nanoUsd / 1e9, tokens: total.tokens }, policy.run);
  return [labelled('money', spent, options)];
}

function warningLine(state: RunState, { columns, paint }: FrameOptions): string[] {
  const newest = state.notices.findLast((notice) => notice.level !== 'info');
  const text = state.stopping === undefined ? newest?.message : `stopping: ${state.stopping}`;
  return text === undefined ? [] : [paint('yellow', fitToWidth(toTerminalLine(`! ${text}`), columns))];
}

function labelled(label: string, text: string, { columns, paint }: FrameOptions): string {
  return `${paint('dim', label.padEnd(6))}${fitToWidth(toTerminalLine(text), columns - 6)}`;
}

/** Gives each section its heading and, in order of importance, the lines that still fit. */
function fitSections(
  header: readonly string[],
  sections: readonly Section[],
  options: FrameOptions,
): string[] {
  const shown = sections.filter((section) => section.lines.length > 0);
  let free = options.rows - 1 - header.length - shown.length * 2;
  const body = shown.flatMap((section, index) => {
    // Later sections keep a row each while there is one to give.
    const reserved = Math.min(shown.length - 1 - index, Math.max(0, free - 1));
    const lines = shorten(section.lines, Math.max(0, free - reserved), options);
    free -= lines.length;
    return lines.length === 0
      ? []
      : ['', options.paint('bold', fitToWidth(section.heading, options.columns)), ...lines];
  });
  return [...header, ...body];
}

function shorten(lines: readonly string[], rows: number, { columns, paint }: FrameOptions): string[] {
  if (lines.length <= rows) return [...lines];
  if (rows < 1) return [];
  const kept = lines.slice(0, rows - 1);
  return [...kept, paint('dim', fitToWidth(`  … and ${lines.length - kept.length} more`, columns))];
}
