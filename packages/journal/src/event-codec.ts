import { EVENT_VERSION, RunEventSchema, type JournalRecord, type RunEvent } from '@agentswarm/core';
import { JournalError } from './errors.ts';
import type { StoredRow } from './record-store.ts';

/** @throws {JournalError} EVENT_INVALID when it does not match the schema or is not JSON. */
export function encodeEvent(event: RunEvent): string {
  const parsed = RunEventSchema.safeParse(event);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new JournalError('EVENT_INVALID', `event "${event.type}" is invalid: ${problems.join('; ')}`, {
      details: { type: event.type, problems },
      cause: parsed.error,
    });
  }
  try {
    return JSON.stringify(parsed.data);
  } catch (cause) {
    throw new JournalError('EVENT_INVALID', `event "${event.type}" cannot be written as JSON`, {
      details: { type: event.type },
      cause,
    });
  }
}

/** @throws {JournalError} JOURNAL_NEWER_VERSION, or JOURNAL_CORRUPT when the row holds no valid event. */
export function decodeRow(row: StoredRow, origin: string): JournalRecord {
  const details = { path: origin, seq: row.seq };
  if (row.v > EVENT_VERSION) {
    throw new JournalError(
      'JOURNAL_NEWER_VERSION',
      `record ${row.seq} of ${origin} has event version ${row.v}; this program reads up to ${EVENT_VERSION}`,
      { details },
    );
  }
  try {
    return { seq: row.seq, atMs: row.atMs, event: RunEventSchema.parse(JSON.parse(row.body)) };
  } catch (cause) {
    throw new JournalError('JOURNAL_CORRUPT', `record ${row.seq} of ${origin} holds no valid event`, {
      details,
      cause,
    });
  }
}
