import { EVENT_VERSION, type RunEvent } from '@agentswarm/core';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { openSqliteJournal } from '../src/index.ts';
import { createSqliteStore } from '../src/sqlite-store.ts';
import { StoreJournal } from '../src/store-journal.ts';
import { runJournalSuite } from '../src/testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = () => join(folder, `${(files += 1)}.db`);

const notice = (message: string): RunEvent => ({ type: 'notice_raised', level: 'info', message });
const landed = { type: 'feature_status_landed', commit: 'a'.repeat(40) } as RunEvent;

function writeAt(path: string, content: Uint8Array, position: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, content, 0, content.length, position);
  closeSync(file);
}

runJournalSuite({
  name: 'SQLite',
  create: ({ clock }) => openSqliteJournal({ path: newPath(), clock }),
});

it('goes on where an earlier process ended', () => {
  const path = newPath();
  const first = openSqliteJournal({ path });
  first.append(notice('one'));
  first.close();
  const second = openSqliteJournal({ path });
  expect(second.append(notice('two')).seq).toBe(2);
  expect([...second.read()].map((record) => record.event)).toEqual([notice('one'), notice('two')]);
  second.close();
});

it('reads beside a live writer and refuses to write when read-only', () => {
  const path = newPath();
  const writer = openSqliteJournal({ path });
  writer.append(notice('one'));
  const reader = openSqliteJournal({ path, readOnly: true });
  writer.append(notice('two'));
  expect([...reader.read()].map((record) => record.seq)).toEqual([1, 2]);
  expect(() => reader.append(notice('three'))).toThrow(
    expect.objectContaining({ code: 'JOURNAL_READ_ONLY', details: { path } }),
  );
  reader.close();
  writer.close();
  const later = openSqliteJournal({ path, readOnly: true });
  expect([...later.read()]).toHaveLength(2);
  later.close();
});

it('syncs durable events with their commit and no others', () => {
  const path = newPath();
  openSqliteJournal({ path }).close();
  const database = new DatabaseSync(path);
  const synchronous = () => database.prepare('PRAGMA synchronous').get()?.['synchronous'];
  const store = createSqliteStore(database, { path, readOnly: false });
  const journal = new StoreJournal(store, { nowMs: () => 0, sleep: () => Promise.resolve() });
  const seen = [notice('a'), landed, landed, notice('b')].map((event) => {
    journal.append(event);
    return synchronous();
  });
  const [NORMAL, FULL] = [1, 2];
  expect(seen).toEqual([NORMAL, FULL, FULL, NORMAL]);
  journal.close();
});

it('reports a full disk, loses nothing and goes on once there is room', () => {
  const path = newPath();
  openSqliteJournal({ path }).close();
  const database = new DatabaseSync(path);
  const store = createSqliteStore(database, { path, readOnly: false });
  const journal = new StoreJournal(store, { nowMs: () => 0, sleep: () => Promise.resolve() });
  database.exec('PRAGMA max_page_count = 8');
  let stored = 0;
  const fill = () => {
    for (;;) stored = journal.append(notice('x'.repeat(3_000))).seq;
  };
  expect(fill).toThrow(
    expect.objectContaining({ code: 'DISK_FULL', message: expect.stringContaining(path) as string }),
  );
  expect(stored).toBeGreaterThan(0);
  expect([...journal.read()]).toHaveLength(stored);
  database.exec('PRAGMA max_page_count = 100');
  expect(journal.append(landed).seq).toBe(stored + 1);
  journal.close();
});

describe('refuses', () => {
  const open = (path: string, readOnly = false) => openSqliteJournal({ path, readOnly });
  const failure = (code: string, path: string) =>
    expect.objectContaining({
      code,
      message: expect.stringContaining(path) as string,
      details: expect.objectContaining({ path }) as object,
    }) as Error;

  it.each([false, true])('a file that is no database (readOnly %s)', (readOnly) => {
    const path = newPath();
    writeFileSync(path, 'not a database, but long enough to be looked at by somebody'.repeat(20));
    expect(() => open(path, readOnly)).toThrow(failure('NOT_A_JOURNAL', path));
  });

  it.each([false, true])('a database of something else (readOnly %s)', (readOnly) => {
    const path = newPath();
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE people (name TEXT)');
    other.close();
    expect(() => open(path, readOnly)).toThrow(failure('NOT_A_JOURNAL', path));
  });

  it.each([false, true])('a journal of a newer program (readOnly %s)', (readOnly) => {
    const path = newPath();
    open(path).close();
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA user_version = ${EVENT_VERSION + 1}`);
    database.close();
    expect(() => open(path, readOnly)).toThrow(failure('JOURNAL_NEWER_VERSION', path));
  });

  it('to read what does not exist, and creates nothing', () => {
    const path = newPath();
    expect(() => open(path, true)).toThrow(failure('JOURNAL_NOT_FOUND', path));
    expect(() => open(path, true)).toThrow(failure('JOURNAL_NOT_FOUND', path));
    writeFileSync(path, '');
    expect(() => open(path, true)).toThrow(failure('JOURNAL_NOT_FOUND', path));
  });

  it('a folder that does not exist', () => {
    const path = join(folder, 'missing', 'journal.db');
    expect(() => open(path)).toThrow(failure('JOURNAL_IO_FAILED', path));
  });

  it.each([
    ['a damaged body', "UPDATE events SET body = '{' WHERE seq = 2"],
    ['an event of another shape', `UPDATE events SET body = '{"type":"notice_raised"}' WHERE seq = 2`],
    ['a missing record in the middle', 'DELETE FROM events WHERE seq = 2'],
    ['missing records at the start', 'DELETE FROM events WHERE seq < 3'],
  ])('to read on at %s', (_title, damage) => {
    const path = newPath();
    const journal = open(path);
    for (const message of ['one', 'two', 'three']) journal.append(notice(message));
    const database = new DatabaseSync(path);
    database.exec(damage);
    database.close();
    expect(() => [...journal.read()]).toThrow(failure('JOURNAL_CORRUPT', path));
    journal.close();
  });

  it('to read a record of a newer version', () => {
    const path = newPath();
    const journal = open(path);
    journal.append(notice('one'));
    const database = new DatabaseSync(path);
    database.exec('UPDATE events SET v = v + 1');
    database.close();
    expect(() => [...journal.read()]).toThrow(failure('JOURNAL_NEWER_VERSION', path));
    journal.close();
  });

  it('to read pages that were overwritten', () => {
    const path = newPath();
    const journal = open(path);
    for (let count = 0; count < 200; count += 1) journal.append(notice('x'.repeat(1_000)));
    journal.close();
    const content = new Uint8Array(64 * 1024).fill(0xa5);
    const database = new DatabaseSync(path);
    const size = Number(database.prepare('PRAGMA page_count').get()?.['page_count']) * 4096;
    database.close();
    writeAt(path, content, size - content.length);
    const damaged = open(path);
    expect(() => [...damaged.read()]).toThrow(failure('JOURNAL_CORRUPT', path));
    damaged.close();
  });
});
