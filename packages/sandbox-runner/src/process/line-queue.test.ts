import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineQueue } from './line-queue.ts';

async function collect(queue: LineQueue): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of queue) lines.push(line);
  return lines;
}

describe('LineQueue', () => {
  it('gives the same lines however the bytes are cut', async () => {
    const run = fc.asyncProperty(
      fc.array(fc.stringMatching(/^[a-zäö€]{0,6}$/), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 7 }),
      async (lines, step) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const queue = new LineQueue(() => {});
        for (let at = 0; at < bytes.length; at += step) queue.add(bytes.subarray(at, at + step));
        queue.end();
        expect(await collect(queue)).toEqual(lines);
      },
    );
    await fc.assert(run);
  });

  it('gives a last line without an end, and cuts a carriage return', async () => {
    const queue = new LineQueue(() => {});
    queue.add(Buffer.from('a\r\nb'));
    queue.end();
    expect(await collect(queue)).toEqual(['a', 'b']);
  });

  it('cuts a line above 1 MiB', async () => {
    const queue = new LineQueue(() => {});
    const reading = collect(queue);
    queue.add(Buffer.alloc(3 * 1024 * 1024, 'x'));
    queue.add(Buffer.from('\nnext\n'));
    queue.end();
    expect((await reading).map((line) => line.length)).toEqual([1024 * 1024, 4]);
  });

  it('keeps only the newest lines until somebody reads, and never asks to wait', async () => {
    const queue = new LineQueue(() => {});
    const line = Buffer.from(`${'x'.repeat(1023)}\n`);
    for (let count = 0; count < 4096; count++) expect(queue.add(line)).toBe(true);
    queue.add(Buffer.from('last\n'));
    queue.end();
    const lines = await collect(queue);
    expect(lines.length).toBeLessThanOrEqual(1024);
    expect(lines.at(-1)).toBe('last');
  });

  it('asks to wait while a reader is behind, and says when there is room', async () => {
    let room = 0;
    const queue = new LineQueue(() => (room += 1));
    const reader = queue[Symbol.asyncIterator]();
    queue.add(Buffer.from('first\n'));
    expect(await reader.next()).toEqual({ done: false, value: 'first' });
    expect(queue.add(Buffer.alloc(2 * 1024 * 1024, 'x\n'))).toBe(false);
    const before = room;
    await reader.next();
    expect(room).toBe(before + 1);
    await reader.return();
    expect(queue.add(Buffer.alloc(2 * 1024 * 1024, 'x\n'))).toBe(true);
  });
});
