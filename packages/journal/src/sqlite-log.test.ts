import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { openSqliteJournal } from './sqlite-journal.ts';
import { openSqliteLog } from './sqlite-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'sqlite-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('gives values back in order, also to the next who opens it', () => {
  const path = join(folder, 'order.db');
  const values = [{ type: 'a', text: 'é"\n' }, [1, null], 'text', 0, null];
  {
    using log = openSqliteLog({ path });
    for (const value of values) log.append(value);
    expect([...log.read()]).toEqual(values);
  }
  using log = openSqliteLog({ path });
  expect([...log.read()]).toEqual(values);
});

it('refuses what JSON cannot hold, and stores nothing of it', () => {
  using log = openSqliteLog({ path: join(folder, 'invalid.db') });
  const ring: Record<string, unknown> = {};
  ring['self'] = ring;
  for (const value of [undefined, () => 0, 1n, ring]) {
    expect(() => log.append(value)).toThrow(expect.objectContaining({ code: 'EVENT_INVALID' }));
  }
  expect([...log.read()]).toEqual([]);
});

it('belongs to one at a time', () => {
  const path = join(folder, 'locked.db');
  const first = openSqliteLog({ path });
  first.append(1);
  expect(() => openSqliteLog({ path })).toThrow(expect.objectContaining({ code: 'JOURNAL_LOCKED' }));
  first.close();
  expect(() => first.append(2)).toThrow(expect.objectContaining({ code: 'JOURNAL_CLOSED' }));
  openSqliteLog({ path }).close();
});

it('leaves other files alone', () => {
  const text = join(folder, 'text.txt');
  writeFileSync(text, 'x'.repeat(5_000));
  const journal = join(folder, 'journal.db');
  openSqliteJournal({ path: journal }).close();
  const other = join(folder, 'other.db');
  const database = new DatabaseSync(other);
  database.exec('CREATE TABLE t (x)');
  database.close();
  for (const path of [text, journal, other]) {
    expect(() => openSqliteLog({ path })).toThrow(expect.objectContaining({ code: 'NOT_A_JOURNAL' }));
  }
  const missing = join(folder, 'no', 'such.db');
  expect(() => openSqliteLog({ path: missing })).toThrow(
    expect.objectContaining({ code: 'JOURNAL_IO_FAILED' }),
  );
});

it('tells a damaged entry', () => {
  const path = join(folder, 'damaged.db');
  openSqliteLog({ path }).close();
  const database = new DatabaseSync(path);
  database.exec(`INSERT INTO entries (body) VALUES ('{')`);
  database.close();
  using log = openSqliteLog({ path });
  expect(() => [...log.read()]).toThrow(expect.objectContaining({ code: 'JOURNAL_CORRUPT' }));
});
