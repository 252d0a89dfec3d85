import type { AttemptState } from '@agentswarm/core';
import { attemptFacts, reasonOf } from '../attempts/attempt-facts.ts';
import type { KeptWork } from '../attempts/kept-work.ts';
import { openAttempts, type AttemptsFlags } from '../attempts/open-attempts.ts';
import { print, printJson, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { formatQuantity } from '../view/format.ts';
import { fitToWidth, toTerminalLine } from '../view/terminal-text.ts';

export interface ListAttemptsFlags extends AttemptsFlags {
  readonly task?: string;
}

const NOTHING: KeptWork = { snapshots: [] };
const MAX_REASON_COLUMNS = 120;

/** `agentswarm attempts list`: every attempt of a run, how it ended, and what is kept of it. */
export async function listAttempts(context: CliContext, flags: ListAttemptsFlags): Promise<ExitCode> {
  const { runId, state, kept } = await openAttempts(context, flags);
  const attempts = [...state.attempts.values()].filter(
    ({ taskId }) => flags.task === undefined || taskId === flags.task,
  );
  if (flags.json === true) {
    const facts = attempts.map((attempt) => {
      const work = kept.get(attempt.id) ?? NOTHING;
      return { ...attemptFacts(attempt, work), snapshots: work.snapshots.length };
    });
    printJson(context, { runId, attempts: facts });
    return EXIT_CODES.goalMet;
  }
  if (attempts.length === 0)
    print(context, `no attempts${flags.task === undefined ? '' : ` of task ${flags.task}`} in run ${runId}`);
  else print(context, formatRows(attempts, kept));
  return EXIT_CODES.goalMet;
}

function formatRows(attempts: readonly AttemptState[], kept: ReadonlyMap<string, KeptWork>): string[] {
  const rows = attempts.map((attempt) => [
    attempt.id,
    attempt.status,
    describeKept(kept.get(attempt.id) ?? NOTHING),
    fitToWidth(toTerminalLine(reasonOf(attempt) ?? ''), MAX_REASON_COLUMNS),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function describeKept({ head, snapshots }: KeptWork): string {
  const parts = [
    ...(head === undefined ? [] : [head.slice(0, 10)]),
    ...(snapshots.length === 0 ? [] : [formatQuantity(snapshots.length, 'snapshot')]),
  ];
  return parts.length === 0 ? 'nothing kept' : parts.join(', ');
}
