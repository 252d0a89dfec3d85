import { createMemoryJournal, openSqliteJournal } from '@agentswarm/journal';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

// node --conditions=@agentswarm/source packages/journal/bench/append.ts
const COUNT = 20_000;
const ROUNDS = 3;
const folder = mkdtempSync(join(tmpdir(), 'journal-bench-'));
const event = { type: 'notice_raised', level: 'info', message: 'x'.repeat(200) } as const;

function perSecond(append: () => void): number {
  const start = performance.now();
  for (let count = 0; count < COUNT; count += 1) append();
  return Math.round((COUNT * 1_000) / (performance.now() - start));
}

function benchRaw(path: string): number {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec(
    'CREATE TABLE events (seq INTEGER PRIMARY KEY, at_ms INTEGER, v INTEGER, type TEXT, body TEXT)',
  );
  const insert = database.prepare('INSERT INTO events (at_ms, v, type, body) VALUES (?, ?, ?, ?)');
  const rate = perSecond(() => insert.run(Date.now(), 1, event.type, JSON.stringify(event)));
  database.close();
  return rate;
}

function benchJournal(journal: ReturnType<typeof createMemoryJournal>): number {
  const rate = perSecond(() => journal.append(event));
  journal.close();
  return rate;
}

try {
  const rates = Array.from({ length: ROUNDS }, (_, round) => ({
    raw: benchRaw(join(folder, `raw-${round}.db`)),
    sqlite: benchJournal(openSqliteJournal({ path: join(folder, `journal-${round}.db`) })),
    memory: benchJournal(createMemoryJournal()),
  }));
  const best = (key: 'raw' | 'sqlite' | 'memory') => Math.max(...rates.map((rate) => rate[key]));
  process.stdout.write(
    `${JSON.stringify({
      appends: COUNT,
      rawPerSecond: best('raw'),
      sqlitePerSecond: best('sqlite'),
      memoryPerSecond: best('memory'),
      sqliteToRaw: Number((best('sqlite') / best('raw')).toFixed(2)),
    })}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
