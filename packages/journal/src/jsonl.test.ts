import { EVENT_VERSION } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { exportJsonl, importJsonl } from './jsonl.ts';
import { createMemoryJournal } from './memory-journal.ts';

const event = { type: 'notice_raised', level: 'info', message: 'a\nb' };
const line = (fields: object) => JSON.stringify({ seq: 1, atMs: 5, v: EVENT_VERSION, event, ...fields });

it('writes one line a record, ended by a newline', () => {
  const journal = createMemoryJournal({ clock: { nowMs: () => 5, sleep: () => Promise.resolve() } });
  journal.append({ type: 'notice_raised', level: 'info', message: 'a\nb' });
  expect([...exportJsonl(journal)]).toEqual([`${line({})}\n`]);
});

it('skips blank lines and accepts lines without newline', () => {
  expect([...importJsonl(['\n', line({}), '', `${line({ seq: 2 })}\n`])].map(({ seq }) => seq)).toEqual([
    1, 2,
  ]);
});

describe('refuses', () => {
  it.each([
    ['text that is not JSON', '{"seq":1', 'JOURNAL_CORRUPT'],
    ['a gap', line({ seq: 2 }), 'JOURNAL_CORRUPT'],
    ['a record without time', line({ atMs: null }), 'JOURNAL_CORRUPT'],
    ['an unknown event', line({ event: { type: 'nothing_known' } }), 'JOURNAL_CORRUPT'],
    ['no event', line({ event: undefined }), 'JOURNAL_CORRUPT'],
    ['no object', 'null', 'JOURNAL_CORRUPT'],
    ['a newer version', line({ v: EVENT_VERSION + 1 }), 'JOURNAL_NEWER_VERSION'],
  ])('%s, naming the line', (_title, text, code) => {
    expect(() => [...importJsonl(['', text])]).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining('line 2') }),
    );
  });
});
