import { expect, it } from 'vitest';
import { exportJsonl, importJsonl } from './jsonl.ts';
import { createMemoryJournal } from './memory-journal.ts';
import { runJournalSuite } from './testing.ts';

runJournalSuite({ name: 'memory', create: createMemoryJournal });

it('starts with given records and their times', () => {
  const clock = { nowMs: () => 7, sleep: () => Promise.resolve() };
  const original = createMemoryJournal({ clock });
  original.append({ type: 'notice_raised', level: 'info', message: 'one' });
  const copy = createMemoryJournal({ records: importJsonl(exportJsonl(original)) });
  expect([...copy.read()]).toEqual([
    { seq: 1, atMs: 7, event: { type: 'notice_raised', level: 'info', message: 'one' } },
  ]);
  expect(copy.append({ type: 'notice_raised', level: 'info', message: 'two' }).seq).toBe(2);
});
