import { existsSync } from 'node:fs';
import type { RunState } from '@agentswarm/core';
import { print, printJson, type CliContext } from '../context.ts';
import { selectPaint } from '../view/paint.ts';
import { formatSummary } from './format-summary.ts';
import { summarizeRun } from './summarize.ts';
import { findTryCommands } from './try-commands.ts';

/** Prints what a run came to: for people, or as the one JSON object. */
export async function printSummary(
  context: Pick<CliContext, 'stdout' | 'env'>,
  state: RunState,
  form: 'text' | 'json',
): Promise<void> {
  const summary = summarizeRun(state);
  if (form === 'json') {
    printJson(context, summary);
    return;
  }
  const { path } = summary.repository;
  const tryCommands = existsSync(path) ? await findTryCommands(path) : [];
  print(context, formatSummary(summary, { paint: selectPaint(context.stdout, context.env), tryCommands }));
}
