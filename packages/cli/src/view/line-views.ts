import type { JournalRecord } from '@agentswarm/core';
import type { CliContext } from '../context.ts';
import { describeEvent, isNotable } from './describe-event.ts';
import { formatDuration } from './format.ts';
import type { RunView } from './run-view.ts';

/** One record as a readable line, timed from the start of the run. */
export function formatRecord(record: JournalRecord, startedAtMs: number): string {
  const time = formatDuration(record.atMs - startedAtMs).padStart(7);
  return `${time}  ${describeEvent(record.event)}`;
}

/** One record as a line of newline-delimited JSON. */
export function formatRecordJson(record: JournalRecord): string {
  return JSON.stringify({ seq: record.seq, atMs: record.atMs, event: record.event });
}

/** Readable lines on stdout, one for each notable event. */
export function createPlainView(context: Pick<CliContext, 'stdout' | 'stderr'>): RunView {
  return {
    show(record, state) {
      if (isNotable(record.event)) context.stdout.write(`${formatRecord(record, state.startedAtMs)}\n`);
    },
    note: (text) => void context.stderr.write(`${text}\n`),
    close() {},
  };
}

/** Every event as newline-delimited JSON on stdout. */
export function createEventsView(context: Pick<CliContext, 'stdout' | 'stderr'>): RunView {
  return {
    show: (record) => void context.stdout.write(`${formatRecordJson(record)}\n`),
    note: (text) => void context.stderr.write(`${text}\n`),
    close() {},
  };
}

/** Nothing until the end; notes go to stderr. */
export function createSilentView(context: Pick<CliContext, 'stderr'>): RunView {
  return {
    show() {},
    note: (text) => void context.stderr.write(`${text}\n`),
    close() {},
  };
}
