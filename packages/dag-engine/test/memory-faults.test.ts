import { silentLogger, type LogFields } from '@agentswarm/core';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { JsonlStore } from '../src/engine/memory/jsonl-store.ts';
import type { MemoryItem } from '../src/engine/memory/memory-item.ts';
import { SqliteStore } from '../src/engine/memory/sqlite-store.ts';
import type { LineFile } from '../src/engine/storage/line-file.ts';
import { openLineFile } from '../src/engine/storage/line-file.ts';
import { StorageError } from '../src/engine/storage/storage-error.ts';
import { canMount, createTempFolder, runMemoryProcess, startMemoryProcess } from './memory-child.ts';

function item(id: string, payload: MemoryItem['payload'] = null): MemoryItem {
  return {
    context_item_id: id,
    kind: 'note',
    source: 'test',
    timestamp: '2030-01-01T00:00:00.000Z',
    tags: ['ü'],
    importance: null,
    token_cost: null,
    payload,
    metadata: {},
    task_id: null,
    project_id: null,
  };
}

function collectWarnings() {
  const warnings: LogFields[] = [];
  return { warnings, logger: { ...silentLogger, warn: (fields: LogFields) => void warnings.push(fields) } };
}

function openSqlite(path: string) {
  return new SqliteStore({ path, store: 'task', maxItems: null, clock: { nowMs: () => 0 } });
}

async function idsIn(path: string): Promise<string[]> {
  const store = new JsonlStore({ path, maxItems: null });
  const ids = (await store.list()).map((found) => found.context_item_id);
  await store.close();
  return ids;
}

describe('a memory file', () => {
  it('loses only the line that was being written, wherever the write was cut off', async () => {
    await using folder = await createTempFolder();
    const whole = folder.join('whole.jsonl');
    const store = new JsonlStore({ path: whole, maxItems: null });
    for (const id of ['a', 'b']) await store.put(item(id, 'ü€🚀'));
    await store.close();
    const bytes = readFileSync(whole);
    const firstLine = bytes.indexOf('\n') + 1;
    for (let length = firstLine; length < bytes.length; length += 1) {
      const path = folder.join(`${length}.jsonl`);
      writeFileSync(path, bytes.subarray(0, length));
      const { logger, warnings } = collectWarnings();
      const torn = new JsonlStore({ path, maxItems: null, logger });
      const whole = length >= bytes.length - 1;
      expect(await torn.count()).toBe(whole ? 2 : 1);
      expect(warnings).toEqual(whole || length === firstLine ? [] : [{ path, line: 2 }]);
      await torn.put(item('c'));
      await torn.close();
      expect(await idsIn(path)).toEqual(whole ? ['a', 'b', 'c'] : ['a', 'c']);
    }
  });

  it('skips lines that are no items, naming each, and keeps the others', async () => {
    await using folder = await createTempFolder();
    const path = folder.join('store.jsonl');
    const lines = [
      JSON.stringify(item('first')),
      'not json',
      '[]',
      '{"context_item_id":5}',
      '',
      JSON.stringify({ ...item('odd'), tags: 'x' }),
      JSON.stringify({ ...item('lone'), kind: '\ud800' }),
      '{"context_item_id":"bare","kind":"note","source":"elsewhere"}',
      JSON.stringify({ ...item('last'), later: 'field' }),
    ];
    writeFileSync(
      path,
      Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), Buffer.from([0x22, 0xff, 0x22, 0x0a])]),
    );
    const { logger, warnings } = collectWarnings();
    const store = new JsonlStore({ path, maxItems: null, logger });
    expect((await store.list()).map((found) => found.context_item_id)).toEqual(['first', 'bare', 'last']);
    expect(await store.get('bare')).toMatchObject({
      tags: [],
      importance: null,
      payload: null,
      timestamp: '',
    });
    expect(warnings.map((fields) => fields['line'])).toEqual([2, 3, 4, 6, 7, 10]);
    await store.close();
  });

  it('stays small however often its items change, and private to its owner', async () => {
    await using folder = await createTempFolder();
    const path = folder.join('store.jsonl');
    const store = new JsonlStore({ path, maxItems: 3 });
    for (let round = 0; round < 500; round += 1) await store.put(item(`i${round % 7}`, round));
    const ids = (await store.list()).map((found) => found.context_item_id);
    await store.close();
    expect(readFileSync(path, 'utf8').trim().split('\n').length).toBeLessThan(40);
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(await idsIn(path)).toEqual(ids);
  });

  it('keeps what is kept when the disk is full, and says so', async () => {
    await using folder = await createTempFolder();
    const path = folder.join('store.jsonl');
    let full = false;
    const open = (place: string): LineFile => {
      const file = openLineFile(place);
      const refuse = () => {
        if (full) throw new StorageError('STORAGE_FULL', 'full');
      };
      return {
        path: place,
        read: () => file.read(),
        append: (lines) => (refuse(), file.append(lines)),
        replace: (lines) => (refuse(), file.replace(lines)),
        close: () => file.close(),
      };
    };
    const { logger, warnings } = collectWarnings();
    const store = new JsonlStore({ path, maxItems: 2, logger, open });
    for (const id of ['a', 'b']) await store.put(item(id));
    full = true;
    await expect(store.put(item('c'))).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    await expect(store.delete('a')).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    await expect(store.clear()).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect((await store.list()).map((found) => found.context_item_id)).toEqual(['a', 'b']);
    full = false;
    await store.put(item('c'));
    await store.close();
    expect(await idsIn(path)).toEqual(['b', 'c']);
    expect(warnings).toEqual([]);
  });

  it('goes on when only the tidying up failed', async () => {
    await using folder = await createTempFolder();
    const { logger, warnings } = collectWarnings();
    const open = (place: string): LineFile => {
      const file = openLineFile(place);
      const replace = () => {
        throw new StorageError('STORAGE_FULL', 'full');
      };
      return {
        path: place,
        read: () => file.read(),
        append: (lines) => file.append(lines),
        replace,
        close: () => file.close(),
      };
    };
    const store = new JsonlStore({ path: folder.join('store.jsonl'), maxItems: null, logger, open });
    for (let round = 0; round < 20; round += 1) await store.put(item('same', round));
    expect((await store.get('same'))?.payload).toBe(19);
    expect(warnings[0]).toMatchObject({ code: 'STORAGE_FULL' });
    await store.close();
  });

  it('is refused to a second store, in this process and in another, until the first is gone', async () => {
    await using folder = await createTempFolder();
    const path = folder.join('store.jsonl');
    const first = new JsonlStore({ path, maxItems: null });
    expect(() => new JsonlStore({ path, maxItems: null })).toThrow(
      expect.objectContaining({ code: 'STORAGE_LOCKED' }) as Error,
    );
    await using refused = startMemoryProcess('file', path, 'open');
    expect((await refused.lines.next()).value).toBe('STORAGE_LOCKED');
    await first.close();
    await using holder = startMemoryProcess('file', path, '1000000');
    let acknowledged = 0;
    while (acknowledged < 50) acknowledged = Number((await holder.lines.next()).value);
    expect(() => new JsonlStore({ path, maxItems: null })).toThrow(
      expect.objectContaining({ code: 'STORAGE_LOCKED' }) as Error,
    );
    holder.kill();
    await holder.exited;
    for await (const line of { [Symbol.asyncIterator]: () => holder.lines }) acknowledged = Number(line);
    expect((await idsIn(path)).length).toBeGreaterThanOrEqual(acknowledged);
  });
});

describe('a memory database', () => {
  it('keeps everything that two processes put at once', async () => {
    await using folder = await createTempFolder();
    const path = folder.join('memory.db');
    await using first = startMemoryProcess('sqlite', path, '150', 'a');
    await using second = startMemoryProcess('sqlite', path, '150', 'b');
    expect(await Promise.all([first.exited, second.exited])).toEqual([0, 0]);
    const store = openSqlite(path);
    expect(await store.count()).toBe(300);
    await store.close();
  });

  it('keeps every acknowledged item when its process is killed', async () => {
    await using folder = await createTempFolder();
    const path = folder.join('memory.db');
    await using holder = startMemoryProcess('sqlite', path, '1000000');
    let acknowledged = 0;
    while (acknowledged < 50) acknowledged = Number((await holder.lines.next()).value);
    holder.kill();
    await holder.exited;
    for await (const line of { [Symbol.asyncIterator]: () => holder.lines }) acknowledged = Number(line);
    const store = openSqlite(path);
    expect(await store.count()).toBeGreaterThanOrEqual(acknowledged);
    await store.close();
  });

  it('says that a file is no database, and leaves it alone', async () => {
    await using folder = await createTempFolder();
    const path = folder.join('memory.db');
    writeFileSync(
      path,
      'a letter to a friend, long enough to be looked at as a header of a database file\n'.repeat(80),
    );
    const before = readFileSync(path);
    expect(() => openSqlite(path)).toThrow(expect.objectContaining({ code: 'STORAGE_CORRUPT' }) as Error);
    expect(() => openSqlite(path)).toThrow(path);
    expect(readFileSync(path)).toEqual(before);
  });

  it('says that a database is damaged, by its pages or by its columns', async () => {
    await using folder = await createTempFolder();
    const path = folder.join('memory.db');
    const store = openSqlite(path);
    for (let number = 0; number < 100; number += 1) await store.put(item(`i${number}`, 'x'.repeat(500)));
    await store.close();
    const column = new DatabaseSync(path);
    column.exec(`UPDATE task_memory SET payload = '{' WHERE id = 'i7'`);
    column.close();
    const reopened = openSqlite(path);
    await expect(reopened.get('i7')).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
    await reopened.close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xa5, 4096 * 2));
    const use = async () => {
      const damaged = openSqlite(path);
      try {
        await damaged.list();
      } finally {
        await damaged.close();
      }
    };
    await expect(use()).rejects.toMatchObject({ code: 'STORAGE_CORRUPT' });
  });
});

describe.each([
  ['file', 'store.jsonl'],
  ['sqlite', 'memory.db'],
])('%s on a difficult file system', (backend, name) => {
  it('survives a disk that is really full', async (context) => {
    if (!canMount) return context.skip('bwrap cannot mount here');
    await using folder = await createTempFolder();
    const small = ['--size', String(1024 * 1024), '--tmpfs', folder.path];
    const run = runMemoryProcess(small, backend, folder.join(name), 'fill-disk');
    expect(run.stderr).toBe('');
    const result = JSON.parse(run.stdout) as { kept: number };
    expect(result.kept).toBeGreaterThan(5);
    expect(result).toEqual({
      code: 'STORAGE_FULL',
      kept: result.kept,
      whileFull: result.kept,
      afterwards: result.kept,
      withRoom: result.kept + 1,
    });
  });

  it('says that it cannot write in a read-only folder', async (context) => {
    if (!canMount) return context.skip('bwrap cannot mount here');
    await using folder = await createTempFolder();
    const run = runMemoryProcess(['--ro-bind', folder.path, folder.path], backend, folder.join(name), 'open');
    expect([run.stdout.trim(), run.stderr]).toEqual(['STORAGE_READ_ONLY', '']);
  });
});
