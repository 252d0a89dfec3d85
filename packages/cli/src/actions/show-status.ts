import { snapshotMetrics, type RunState } from '@agentswarm/core';
import { locateTarget } from '../config/locate-target.ts';
import { print, printJson, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { liveProcess, readBegunRun } from '../runs/read-run.ts';
import { findRun } from '../runs/run-folder.ts';
import { summarizeRun } from '../summary/summarize.ts';
import { renderFrame } from '../view/live-frame.ts';
import { selectPaint } from '../view/paint.ts';

export interface StatusFlags {
  readonly target?: string;
  readonly json?: boolean;
}

/** `agentswarm status [RUN]`. */
export async function showStatus(
  context: CliContext,
  runId: string | undefined,
  flags: StatusFlags,
): Promise<ExitCode> {
  const targetPath = locateTarget(context.directory, flags.target ?? context.env['TARGET_REPO_PATH']);
  const folder = await findRun(targetPath, runId);
  const state = await readBegunRun(folder);
  const live =
    state.finished === undefined && state.pid !== undefined && state.pid === liveProcess(targetPath);
  if (flags.json === true) {
    const nowMs = live ? Date.now() : state.lastAtMs;
    printJson(context, { ...summarizeRun(state), live, metrics: snapshotMetrics(state, nowMs) });
  } else {
    print(context, [livenessLine(state, live), ...frameOf(context, state, live)]);
  }
  return EXIT_CODES.goalMet;
}

function livenessLine(state: RunState, live: boolean): string {
  if (live) return `live, process ${state.pid ?? 'unknown'}`;
  if (state.finished !== undefined) return `ended: ${state.finished.outcome} (${state.finished.reason})`;
  return 'not live: its process ended without finishing; take it up with `agentswarm resume`';
}

function frameOf(context: CliContext, state: RunState, live: boolean): string[] {
  return renderFrame(state, {
    nowMs: live ? Date.now() : state.lastAtMs,
    columns: context.stdout.columns ?? 100,
    rows: 200,
    paint: selectPaint(context.stdout, context.env),
  });
}
