import type { JournalRecord } from '@agentswarm/core';
import { acquireRunLock, isRunLockHeld, openSqliteJournal, readRunLockOwner } from '@agentswarm/journal';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createTempFolder, startFixture } from './child.ts';

const seqOf = (result: IteratorResult<JournalRecord, unknown>) =>
  result.done === true ? undefined : result.value.seq;
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

it.each([1, 2, 3])('keeps every acknowledged record when the writer is killed (%i)', async () => {
  await using folder = await createTempFolder();
  const path = folder.join('journal.db');
  let acknowledged = 0;
  {
    await using writer = startFixture('append-forever', path);
    while (acknowledged < 300) acknowledged = Number((await writer.lines.next()).value);
    writer.kill();
    expect(await writer.exited).toBe('SIGKILL');
    for await (const line of { [Symbol.asyncIterator]: () => writer.lines }) acknowledged = Number(line);
  }
  const reader = openSqliteJournal({ path, readOnly: true });
  const seqs = [...reader.read()].map((record) => record.seq);
  expect(seqs.length).toBeGreaterThanOrEqual(acknowledged);
  expect(seqs).toEqual(upTo(seqs.length));
  reader.close();
  const next = openSqliteJournal({ path });
  expect(next.append({ type: 'notice_raised', level: 'info', message: 'on' }).seq).toBe(seqs.length + 1);
  next.close();
});

it('numbers without gaps when several processes create and write one file together', async () => {
  await using folder = await createTempFolder();
  const path = folder.join('journal.db');
  await using first = startFixture('append-forever', path, '400');
  await using second = startFixture('append-forever', path, '400');
  const numbers = async ({ lines }: typeof first) => {
    const seen: number[] = [];
    for await (const line of { [Symbol.asyncIterator]: () => lines }) seen.push(Number(line));
    return seen;
  };
  const printed = await Promise.all([numbers(first), numbers(second)]);
  expect(await Promise.all([first.exited, second.exited])).toEqual([0, 0]);
  expect(printed.flat().toSorted((a, b) => a - b)).toEqual(upTo(800));
  const journal = openSqliteJournal({ path, readOnly: true });
  expect([...journal.read()].map((record) => record.seq)).toEqual(upTo(800));
  journal.close();
});

it('lets processes create one file at the same moment', async () => {
  await using folder = await createTempFolder();
  const startMs = String(Date.now() + 1_000);
  await using first = startFixture('create-together', folder.join('.'), startMs);
  await using second = startFixture('create-together', folder.join('.'), startMs);
  await using third = startFixture('create-together', folder.join('.'), startMs);
  expect(await Promise.all([first.exited, second.exited, third.exited])).toEqual([0, 0, 0]);
  for (let index = 0; index < 25; index += 1) {
    await using journal = openSqliteJournal({ path: folder.join(`${index}.db`), readOnly: true });
    expect([...journal.read()]).toHaveLength(3);
  }
});

it.each([true, false])('follows what another process writes (readOnly %s)', async (readOnly) => {
  await using folder = await createTempFolder();
  const path = folder.join('journal.db');
  await using keeper = openSqliteJournal({ path });
  await using follower = openSqliteJournal({ path, readOnly });
  const records = follower.follow()[Symbol.asyncIterator]();
  const first = records.next();
  await using writer = startFixture('append-forever', path, '50');
  const seqs = [seqOf(await first)];
  while (seqs.length < 50) seqs.push(seqOf(await records.next()));
  expect(seqs).toEqual(upTo(50));
  expect(await writer.exited).toBe(0);
  const waiting = records.next();
  keeper.append({ type: 'notice_raised', level: 'info', message: 'from another connection' });
  expect(seqOf(await waiting)).toBe(51);
});

it('gives the lock to one holder until it is released', async () => {
  await using folder = await createTempFolder();
  const path = folder.join('lock');
  expect(isRunLockHeld(path)).toBe(false);
  expect(existsSync(path)).toBe(false);
  const first = acquireRunLock(path);
  expect(first.kind).toBe('acquired');
  expect(isRunLockHeld(path)).toBe(true);
  expect(acquireRunLock(path)).toEqual({ kind: 'held' });
  expect(readRunLockOwner(path)).toBe(process.pid);
  if (first.kind === 'acquired') first.lock.release();
  expect(readRunLockOwner(path)).toBeUndefined();
  if (first.kind === 'acquired') first.lock.release();
  expect(isRunLockHeld(path)).toBe(false);
  const second = acquireRunLock(path);
  expect(second.kind).toBe('acquired');
  if (second.kind === 'acquired') second.lock[Symbol.dispose]();
});

it('is refused while another process holds the lock, and free once that is killed', async () => {
  await using folder = await createTempFolder();
  const path = folder.join('lock');
  await using holder = startFixture('hold-lock', path);
  expect((await holder.lines.next()).value).toBe('acquired');
  expect(isRunLockHeld(path)).toBe(true);
  expect(acquireRunLock(path)).toEqual({ kind: 'held' });
  await using rival = startFixture('hold-lock', path);
  expect((await rival.lines.next()).value).toBe('held');
  holder.kill();
  await holder.exited;
  expect(isRunLockHeld(path)).toBe(false);
  const now = acquireRunLock(path);
  expect(now.kind).toBe('acquired');
  if (now.kind === 'acquired') now.lock.release();
});
