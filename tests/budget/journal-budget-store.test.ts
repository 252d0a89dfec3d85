import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunEventSchema } from '@agentswarm/core';
import { openSqliteJournal } from '@agentswarm/journal';
import { createJournalBudgetStore } from '@agentswarm/orchestrator';
import { runBudgetStoreSuite } from '@agentswarm/llm-client/testing';
import { expect, it } from 'vitest';

let directory = '';
const open = () => {
  const journal = openSqliteJournal({ path: join(directory, 'journal.db') });
  const store = createJournalBudgetStore(journal);
  return {
    ...store,
    async close() {
      await store.close();
      journal.close();
    },
  };
};

runBudgetStoreSuite({
  name: 'journal of a run',
  create() {
    directory = mkdtempSync(join(tmpdir(), 'agentswarm-budget-'));
    return open();
  },
  reopen: open,
  cleanup: async () => rmSync(directory, { recursive: true }),
});

it('stores nothing after an entry that could not be stored', async () => {
  const failures = [new TypeError('the disk is full')];
  const stored: unknown[] = [];
  const store = createJournalBudgetStore({
    append(event) {
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
      return { seq: stored.push(RunEventSchema.parse(event)), atMs: 0, event };
    },
    read: () => [],
  });
  await expect(store.append({ type: 'policy_set', policy: {} })).rejects.toThrow('the disk is full');
  await expect(store.append({ type: 'policy_set', policy: {} })).rejects.toThrow('the disk is full');
  expect(stored).toEqual([]);
});
