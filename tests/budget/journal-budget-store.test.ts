import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
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

it('holds every reservation that was acknowledged before its process was killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentswarm-budget-'));
  const path = join(folder, 'journal.db');
  const script = fileURLToPath(new URL('./fixtures/reserve-in-journal.ts', import.meta.url));
  const writer = spawn(process.execPath, ['--conditions=@agentswarm/source', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(writer, 'close');
  const acknowledged = new Set<string>();
  for await (const id of createInterface({ input: writer.stdout })) {
    if (acknowledged.add(id).size === 400) writer.kill('SIGKILL');
  }
  expect(await closed).toEqual([null, 'SIGKILL']);

  const journal = openSqliteJournal({ path });
  const entries = await createJournalBudgetStore(journal).read();
  journal.close();
  const reserved = entries.flatMap((entry) => (entry.type === 'reserved' ? [entry.id] : []));
  expect(acknowledged.difference(new Set(reserved))).toEqual(new Set());
  rmSync(folder, { recursive: true });
});
