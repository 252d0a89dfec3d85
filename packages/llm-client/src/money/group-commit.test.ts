import { expect, it } from 'vitest';
import { createGroupCommit } from './group-commit.ts';

/** Writes that end when they are told to. */
function createSlowDisk() {
  const texts: string[] = [];
  const writes: PromiseWithResolvers<void>[] = [];
  const write = (text: string) => {
    const done = Promise.withResolvers<void>();
    texts.push(text);
    writes.push(done);
    return done.promise;
  };
  return { texts, writes, write };
}

it('writes at once, and lines that arrive meanwhile together', async () => {
  const { texts, writes, write } = createSlowDisk();
  const commit = createGroupCommit(write);
  const first = commit.append('a');
  const later = ['b', 'c', 'd'].map((line) => commit.append(line));
  expect(texts).toEqual(['a']);
  writes[0]!.resolve();
  await first;
  while (texts.length < 2) await new Promise(setImmediate);
  expect(texts).toEqual(['a', 'bcd']);
  writes[1]!.resolve();
  await Promise.all(later);
  await commit.idle();
});

it('acknowledges nothing before its write has ended', async () => {
  const { writes, write } = createSlowDisk();
  const commit = createGroupCommit(write);
  const acknowledged: string[] = [];
  const all = ['a', 'b'].map((line) => commit.append(line).then(() => acknowledged.push(line)));
  await new Promise(setImmediate);
  expect(acknowledged).toEqual([]);
  writes[0]!.resolve();
  await all[0];
  while (writes.length < 2) await new Promise(setImmediate);
  expect(acknowledged).toEqual(['a']);
  writes[1]!.resolve();
  await Promise.all(all);
});

it('writes nothing after a write that failed', async () => {
  const { texts, writes, write } = createSlowDisk();
  const commit = createGroupCommit(write);
  const lines = ['a', 'b'].map((line) => commit.append(line));
  const full = new Error('disk full');
  writes[0]!.reject(full);
  for (const line of lines) await expect(line).rejects.toBe(full);
  await expect(commit.append('c')).rejects.toBe(full);
  expect(texts).toEqual(['a']);
  await commit.idle();
});
