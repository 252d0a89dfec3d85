import { systemClock } from '@agentswarm/core';
import { locateTarget } from '../config/locate-target.ts';
import { print, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { hasLiveRun, readState } from '../runs/read-run.ts';
import { findRun } from '../runs/run-folder.ts';
import { resumeCommandFor } from './resume-command.ts';

const POLL_INTERVAL_MS = 100;
/** Long enough for the process to take the first signal before the second. */
const SECOND_SIGNAL_DELAY_MS = 300;

export interface StopFlags {
  readonly target?: string;
  readonly now?: boolean;
}

/** `agentswarm stop`: asks the live run of the target to end, as its Ctrl-C would, and waits for it. */
export async function stopRun(context: CliContext, flags: StopFlags): Promise<ExitCode> {
  const targetPath = locateTarget(context.directory, flags.target ?? context.env['TARGET_REPO_PATH']);
  if (!hasLiveRun(targetPath)) {
    print(context, 'nothing to stop: no run is live here');
    return EXIT_CODES.goalMet;
  }
  const folder = await findRun(targetPath, undefined);
  const { pid } = await readState(folder);
  signalProcess(folder.runId, pid);
  print(context, `stopping ${folder.runId} (process ${pid})`);
  using interrupt = listenForInterrupt({ signals: context.signals, say() {}, exit: context.exit });
  if (flags.now === true) {
    await systemClock.sleep(SECOND_SIGNAL_DELAY_MS);
    if (hasLiveRun(targetPath)) signalProcess(folder.runId, pid);
  }
  while (hasLiveRun(targetPath)) {
    if (interrupt.graceful.aborted) return EXIT_CODES.interrupted;
    await systemClock.sleep(POLL_INTERVAL_MS);
  }
  print(context, `stopped; resume with: ${resumeCommandFor(context.directory, targetPath)}`);
  return EXIT_CODES.goalMet;
}

function signalProcess(runId: string, pid: number | undefined): void {
  try {
    if (pid !== undefined && pid > 1) {
      process.kill(pid, 'SIGINT');
      return;
    }
  } catch (error) {
    throw new CliError('CLI_RUN_PROCESS_GONE', `process ${pid} of ${runId} cannot be reached`, {
      cause: error,
    });
  }
  throw new CliError('CLI_RUN_PROCESS_GONE', `the journal of ${runId} names no process yet`);
}
