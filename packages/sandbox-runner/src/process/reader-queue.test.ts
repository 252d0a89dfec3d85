import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { ReaderQueue } from './reader-queue.ts';

const CHUNK_BYTES = 64 * 1024;
const MIB = 1024 * 1024;

function heldMib(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers / MIB;
}

it('keeps the newest, and nothing of what nobody will read', async () => {
  const queue = new ReaderQueue<Uint8Array>(() => undefined);
  const beforeMib = heldMib();
  for (let index = 0; index < 1_000; index++) {
    queue.add(new Uint8Array(CHUNK_BYTES).fill(index), CHUNK_BYTES);
  }
  expect(heldMib() - beforeMib).toBeLessThan(4);
  queue.end();
  const left = await Array.fromAsync(queue);
  expect(left.map(([first]) => first)).toEqual(Array.from({ length: 16 }, (_, index) => (984 + index) % 256));
});

it('keeps order and count of many small ones', async () => {
  const queue = new ReaderQueue<number>(() => undefined);
  for (let index = 0; index < 30_000; index++) queue.add(index, 1024);
  queue.end();
  expect(await Array.fromAsync(queue)).toEqual(Array.from({ length: 1024 }, (_, index) => 28_976 + index));
});
