import { join } from 'node:path';
import type { RunState, SwarmConfig } from '@agentswarm/core';
import type { LlmEndpoint } from '@agentswarm/llm-client';
import { secretsOf } from '../config/load-config.ts';
import type { CliContext } from '../context.ts';
import { EXIT_CODES, exitCodeOfOutcome, type ExitCode } from '../exit-codes.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { createLogging } from '../logging/create-logging.ts';
import { selectShownLevel } from '../logging/shown-level.ts';
import { followRun, type Follower } from '../runs/follow-run.ts';
import { readHostSettings } from '../runs/host-settings.ts';
import { adviseRaise } from '../summary/raise-advice.ts';
import { createLocalServers } from '../servers/local-servers.ts';
import { printSummary } from '../summary/print-summary.ts';
import { openView } from '../view/open-view.ts';
import type { OutputMode, RunView } from '../view/run-view.ts';

export interface DriveRequest {
  readonly config: SwarmConfig;
  readonly endpoints: readonly LlmEndpoint[];
  readonly targetPath: string;
  readonly mode: OutputMode;
  readonly repair?: boolean;
  readonly allowNoIsolationFallback?: boolean;
  readonly resumeRunId?: string;
  /** Cassette that exchanges with models are appended to. */
  readonly recordPath?: string;
  /** The command that takes the run up again, for the person to copy. */
  readonly resumeCommand: string;
}

/** Carries one run to its end, showing it, and prints what it came to. `run`, `resume` and `demo` end here. */
export async function driveRun(context: CliContext, request: DriveRequest): Promise<ExitCode> {
  const view = await openView(context, request.mode);
  try {
    const ended = await runShown(context, request, view);
    view.close();
    if (ended === undefined) return EXIT_CODES.interrupted;
    await printEnd(context, request, ended.state);
    return exitCodeOfOutcome(ended.outcome);
  } finally {
    view.close();
  }
}

/** Undefined when it was stopped before there was a run. */
async function runShown(context: CliContext, request: DriveRequest, view: RunView) {
  const secrets = secretsOf(request.config);
  using interrupt = listenForInterrupt({
    signals: context.signals,
    say: (message) => view.note(message),
    exit: context.exit,
    ...(context.afterStop ? { afterStop: context.afterStop } : {}),
  });
  using logging = createLogging({
    level: request.config.logLevel,
    secrets,
    shownLevel: selectShownLevel(context.stderr, request.mode),
    show: (line) => (request.mode === 'live' ? view.note(line) : void context.stderr.write(`${line}\n`)),
  });
  await using servers = await createLocalServers({ ...request, context });
  const { endpoints } = servers;
  let follower: Follower | undefined;
  try {
    const { config, targetPath, resumeRunId, recordPath } = request;
    return await context.composeRun({
      config,
      endpoints,
      targetPath,
      repair: request.repair ?? false,
      allowNoIsolationFallback: request.allowNoIsolationFallback ?? false,
      ...(resumeRunId === undefined ? {} : { resumeRunId }),
      ...(recordPath === undefined ? {} : { recordPath }),
      stop: { graceful: interrupt.graceful, now: interrupt.now },
      version: context.version,
      host: await readHostSettings(context.env),
      secrets,
      logger: logging.logger,
      onStarted({ runId, folder, journal }) {
        logging.openFile(join(folder, 'log.ndjson'));
        follower = followRun({ journal, folder: { runId, path: folder }, view, logger: logging.logger });
      },
    });
  } catch (error) {
    if (follower === undefined && error === interrupt.graceful.reason) return undefined;
    throw error;
  } finally {
    await follower?.finish();
  }
}

async function printEnd(context: CliContext, request: DriveRequest, state: RunState): Promise<void> {
  const { mode, resumeCommand } = request;
  if (mode === 'plain') context.stdout.write('\n');
  if (mode !== 'events') await printSummary(context, state, mode === 'json' ? 'json' : 'text');
  const outcome = state.finished?.outcome;
  if (outcome !== 'goal_met') {
    const advice = adviseRaise(state);
    if (advice !== undefined)
      context.stderr.write(`the budget is used up; to go on it must be ${advice.least} or more\n`);
    const flags = advice === undefined ? '' : ` ${advice.flags}`;
    context.stderr.write(`resume with: ${resumeCommand}${flags}\n`);
  }
}
