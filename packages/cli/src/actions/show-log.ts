import { applyRecord, INITIAL_RUN_STATE, type JournalRecord, type RunEvent } from '@agentswarm/core';
import { locateTarget } from '../config/locate-target.ts';
import { print, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { hasLiveRun, openForReading } from '../runs/read-run.ts';
import { findRun } from '../runs/run-folder.ts';
import { formatRecord, formatRecordJson } from '../view/line-views.ts';
import type { StatusFlags } from './show-status.ts';
import { showTranscripts } from './show-transcripts.ts';

const LIVENESS_INTERVAL_MS = 1000;

export interface LogFlags extends StatusFlags {
  readonly follow?: boolean;
  readonly task?: string;
  readonly transcript?: boolean;
}

/** `agentswarm log [RUN]`: the events of a run as lines, or the transcripts of its attempts. */
export async function showLog(
  context: CliContext,
  runId: string | undefined,
  flags: LogFlags,
): Promise<ExitCode> {
  const targetPath = locateTarget(context.directory, flags.target ?? context.env['TARGET_REPO_PATH']);
  const folder = await findRun(targetPath, runId);
  if (flags.transcript === true) return showTranscripts(context, folder, flags);
  await using journal = openForReading(folder);
  const show = createLinePrinter(context, flags);
  if (flags.follow !== true) {
    for (const record of journal.read()) show(record);
    return EXIT_CODES.goalMet;
  }
  using ended = watchForEnd(context, targetPath);
  let seen = 0;
  for await (const record of journal.follow({ signal: ended.signal })) {
    seen = record.seq;
    show(record);
    if (record.event.type === 'run_finished' && !hasLiveRun(targetPath)) return EXIT_CODES.goalMet;
  }
  for (const record of journal.read(seen)) show(record);
  return EXIT_CODES.goalMet;
}

function createLinePrinter(context: CliContext, flags: LogFlags): (record: JournalRecord) => void {
  let state = INITIAL_RUN_STATE;
  return (record) => {
    state = applyRecord(state, record);
    if (flags.task !== undefined && !isAbout(record.event, flags.task)) return;
    print(context, flags.json === true ? formatRecordJson(record) : formatRecord(record, state.startedAtMs));
  };
}

/** Whether an event concerns a task: by its own id, or by a ticket of one of its attempts. */
function isAbout(event: RunEvent, taskId: string): boolean {
  if ('taskId' in event) return event.taskId === taskId;
  const tickets = 'ticket' in event ? [event.ticket] : 'tickets' in event ? event.tickets : [];
  if (event.type === 'planning_completed') return event.tasks.some((task) => task.id === taskId);
  return tickets.some((ticket) => ticket.replace(/\.[0-9]+$/, '') === taskId);
}

/** Aborts on Ctrl-C, when nobody reads any more, and when no process drives the run. */
function watchForEnd(context: CliContext, targetPath: string): Disposable & { readonly signal: AbortSignal } {
  const ended = new AbortController();
  const end = () => ended.abort();
  const timer = setInterval(() => {
    if (!hasLiveRun(targetPath)) end();
  }, LIVENESS_INTERVAL_MS);
  context.signals.on('SIGINT', end);
  context.outputClosed.addEventListener('abort', end);
  return {
    signal: ended.signal,
    [Symbol.dispose]() {
      clearInterval(timer);
      context.signals.off('SIGINT', end);
      context.outputClosed.removeEventListener('abort', end);
    },
  };
}
