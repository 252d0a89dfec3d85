import { EVENT_VERSION, type Journal, type JournalRecord } from '@agentswarm/core';
import { JournalError } from './errors.ts';
import { decodeRow } from './event-codec.ts';

/**
 * Gives the records of a journal as JSON lines, each ending in a newline:
 * `{"seq":1,"atMs":1700000000000,"v":1,"event":{…}}`.
 */
export function* exportJsonl(journal: Pick<Journal, 'read'>): Generator<string, void, undefined> {
  for (const { seq, atMs, event } of journal.read()) {
    yield `${JSON.stringify({ seq, atMs, v: EVENT_VERSION, event })}\n`;
  }
}

/**
 * Reads what {@link exportJsonl} wrote, one line per item, with or without its newline; blank lines
 * are skipped. Lazy: a bad line throws when it is reached. Numbers must run from 1 without gaps.
 *
 * @throws {JournalError} JOURNAL_CORRUPT naming the line, JOURNAL_NEWER_VERSION.
 */
export function* importJsonl(lines: Iterable<string>): Generator<JournalRecord, void, undefined> {
  let lineNumber = 0;
  let seq = 0;
  for (const line of lines) {
    lineNumber += 1;
    if (line.trim() === '') continue;
    seq += 1;
    yield parseLine(line, lineNumber, seq);
  }
}

function parseLine(line: string, lineNumber: number, expectedSeq: number): JournalRecord {
  const origin = `line ${lineNumber}`;
  const value = parseJson(line, origin);
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const { seq, atMs, v, event } = fields;
  if (seq !== expectedSeq || typeof atMs !== 'number' || typeof v !== 'number') {
    throw new JournalError('JOURNAL_CORRUPT', `${origin} is not record ${expectedSeq} of a journal`, {
      details: { line: lineNumber },
    });
  }
  return decodeRow({ seq, atMs, v, body: JSON.stringify(event ?? null) }, origin);
}

function parseJson(line: string, origin: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new JournalError('JOURNAL_CORRUPT', `${origin} is not JSON`, { cause });
  }
}
