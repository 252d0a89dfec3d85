import { systemClock } from '@agentswarm/core';
import { locateTarget } from '../config/locate-target.ts';
import { print, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { hasLiveRun, liveProcess, readState } from '../runs/read-run.ts';
import { listRuns } from '../runs/run-folder.ts';
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
  const pid = liveProcess(targetPath);
  const run = await nameRunOf(targetPath, pid);
  signalProcess(run, pid);
  print(context, `stopping ${run} (process ${pid})`);
  using interrupt = listenForInterrupt({ signals: context.signals, say() {}, exit: context.exit });
  if (flags.now === true) {
    await systemClock.sleep(SECOND_SIGNAL_DELAY_MS);
    if (liveProcess(targetPath) === pid) signalProcess(run, pid);
  }
  while (hasLiveRun(targetPath)) {
    if (interrupt.graceful.aborted) return EXIT_CODES.interrupted;
    await systemClock.sleep(POLL_INTERVAL_MS);
  }
  print(context, `stopped; resume with: ${resumeCommandFor(context.directory, targetPath)}`);
  return EXIT_CODES.goalMet;
}

/** The run a process drives: not always the newest, and none yet while it starts. */
async function nameRunOf(targetPath: string, pid: number | undefined): Promise<string> {
  for (const folder of (await listRuns(targetPath)).toReversed()) {
    const state = await readState(folder);
    if (state.pid === pid && state.finished === undefined) return folder.runId;
  }
  return 'a run that is just starting';
}

function signalProcess(run: string, pid: number | undefined): void {
  try {
    if (pid !== undefined) {
      process.kill(pid, 'SIGINT');
      return;
    }
  } catch (error) {
    throw new CliError('CLI_RUN_PROCESS_GONE', `process ${pid} of ${run} cannot be reached`, {
      cause: error,
    });
  }
  throw new CliError('CLI_RUN_PROCESS_GONE', 'the run has not said yet which process drives it');
}
