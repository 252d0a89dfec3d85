import { AttemptIdSchema, silentLogger } from '@agentswarm/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader } from './frame-reader.ts';

const attemptId = AttemptIdSchema.parse('task.1');
const newReader = () => new FrameReader({ attemptId, logger: silentLogger });
const lineOf = (message: string, id: string = attemptId) =>
  `${JSON.stringify({ v: 1, attemptId: id, atMs: 1, type: 'progress', phase: 'tool', message, toolCalls: 0 })}\n`;

const noise = fc.constantFrom('\n', 'plain text\n', '{"v":1\n', '[]\n', 'null\n', lineOf('x', 'other.1'));
const message = fc.string({ unit: 'binary', maxLength: 40 });

test('reads the same frames however the bytes are cut', () => {
  const parts = fc.array(
    fc.oneof(
      message,
      noise.map((text) => ({ text })),
    ),
  );
  fc.assert(
    fc.property(parts, fc.array(fc.nat(400)), (stream, sizes) => {
      const texts = stream.map((part) => (typeof part === 'string' ? lineOf(part) : part.text));
      const bytes = Buffer.from(texts.join(''));
      const reader = newReader();
      const read: unknown[] = [];
      let at = 0;
      for (const size of [...sizes, bytes.length]) {
        const chunk = bytes.subarray(at, at + size);
        at += chunk.length;
        for (const { frame } of reader.take(chunk)) read.push(frame.type === 'progress' && frame.message);
      }
      expect(reader.position).toBe(bytes.length);
      expect(read).toEqual(
        stream.filter((part) => typeof part === 'string').map((text) => text.toWellFormed()),
      );
    }),
  );
});

test('keeps no more of an endless line than a line may have, and reads the next one', () => {
  const reader = newReader();
  const chunk = Buffer.alloc(256 * 1024, 120);
  for (let count = 0; count < 20; count++) expect(reader.take(chunk)).toEqual([]);
  const [next] = reader.take(Buffer.from(`\n${lineOf('next')}`));
  expect(next?.frame).toMatchObject({ message: 'next' });
});
