import { expect, it } from 'vitest';
import * as journal from './index.ts';
import * as testing from './testing.ts';

it('exports these names', () => {
  expect(Object.keys(journal).toSorted()).toMatchInlineSnapshot(`
    [
      "JournalError",
      "acquireRunLock",
      "createMemoryJournal",
      "exportJsonl",
      "importJsonl",
      "isRunLockHeld",
      "openSqliteJournal",
      "openSqliteLog",
      "readRunLockOwner",
    ]
  `);
  expect(Object.keys(testing)).toMatchInlineSnapshot(`
    [
      "runJournalSuite",
    ]
  `);
});
