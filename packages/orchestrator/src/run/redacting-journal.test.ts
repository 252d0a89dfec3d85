import { createRedactor, Secret, type Journal, type JournalRecord, type RunEvent } from '@agentswarm/core';
import { expect, it } from 'vitest';
import { createRedactingJournal } from './redacting-journal.ts';

it('stores events without the secrets and leaves every other event as it is', () => {
  const stored: RunEvent[] = [];
  const journal: Journal = {
    append: (event): JournalRecord => ({ seq: stored.push(event), atMs: 0, event }),
    read: () => [],
    async *follow() {},
    close: () => undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const redacting = createRedactingJournal(journal, createRedactor([new Secret('canary "quoted" key')]));
  const plain: RunEvent = { type: 'notice_raised', level: 'info', message: 'nothing to hide' };
  redacting.append(plain);
  redacting.append({ type: 'notice_raised', level: 'error', message: 'rejected: canary "quoted" key!' });
  expect(stored[0]).toBe(plain);
  expect(stored[1]).toEqual({ type: 'notice_raised', level: 'error', message: 'rejected: ***!' });
});
