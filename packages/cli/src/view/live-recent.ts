import type { RunState } from '@agentswarm/core';
import { formatDuration, formatList, formatQuantity } from './format.ts';
import type { FrameOptions, Section } from './live-section.ts';
import type { Style } from './paint.ts';
import { fitToWidth, toTerminalLine } from './terminal-text.ts';

const SHOWN = 8;
const STYLES: Readonly<Record<string, Style>> = {
  landed: 'green',
  conflicted: 'yellow',
  ejected: 'yellow',
  refused: 'yellow',
  failed: 'red',
};

interface Ending {
  readonly atMs: number;
  readonly outcome: string;
  readonly text: string;
}

/** The newest landings and setbacks, newest first. */
export function recentLines(state: RunState, { columns, paint }: FrameOptions): Section {
  const endings = [...landings(state), ...setbacks(state)]
    .toSorted((a, b) => b.atMs - a.atMs)
    .slice(0, SHOWN);
  const lines = endings.map(({ atMs, outcome, text }) => {
    const time = formatDuration(atMs - state.startedAtMs).padStart(7);
    const style = STYLES[outcome] ?? 'dim';
    return `${paint('dim', time)}  ${paint(style, outcome.padEnd(10))}  ${fitToWidth(toTerminalLine(text), columns - 21)}`;
  });
  return { heading: `latest of ${formatQuantity(state.landings.length, 'landing')}`, lines };
}

function landings(state: RunState): Ending[] {
  return state.landings.map(({ atMs, ticket, commit }) => ({
    atMs,
    outcome: 'landed',
    text: `${ticket}  ${commit.slice(0, 10)}`,
  }));
}

function setbacks(state: RunState): Ending[] {
  return [...state.attempts.values()].flatMap(({ id, evidence, endedAtMs }) =>
    evidence === undefined || endedAtMs === undefined
      ? []
      : [
          {
            atMs: endedAtMs,
            outcome: evidence.outcome,
            text: `${id}: ${evidence.files.length > 0 ? formatList(evidence.files) : evidence.reason}`,
          },
        ],
  );
}
