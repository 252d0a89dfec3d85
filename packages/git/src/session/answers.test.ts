import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AnswerReader } from './answer-reader.ts';
import { diffReader, mergeReader } from './parse-changes.ts';
import { UnreadBytes } from './unread-bytes.ts';

const SHA = fc
  .array(fc.constantFrom('a', 'b', '0', '1'), { minLength: 40, maxLength: 40 })
  .map((x) => x.join(''));
const PATH = fc.string({
  unit: fc.constantFrom('a', '/', ' ', '\n', '\t', ':', 'é'),
  minLength: 1,
  maxLength: 8,
});
const CUTS = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 });

/** Reads answers from a stream that arrives in pieces of these lengths, over and over. */
function readAll<T>(reader: AnswerReader<T>, stream: Buffer, cuts: readonly number[]): T[] {
  const unread = new UnreadBytes();
  const answers: T[] = [];
  let scan = reader.scan();
  for (let at = 0, piece = 0; at < stream.length; piece += 1) {
    const length = cuts[piece % cuts.length] ?? 1;
    unread.add(stream.subarray(at, at + length));
    at += length;
    for (;;) {
      const end = scan(unread.bytes);
      if (end === undefined) break;
      answers.push(reader.parse(unread.bytes.subarray(0, end)));
      unread.drop(end);
      scan = reader.scan();
    }
  }
  expect(unread.bytes).toHaveLength(0);
  return answers;
}

it('reads the same merges however the answers are cut', () => {
  const conflict = fc.record({ stage: fc.constantFrom(1, 2, 3), sha: SHA, path: PATH });
  const merge = fc.record({ tree: SHA, conflicts: fc.array(conflict, { maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(merge, { minLength: 1, maxLength: 5 }), CUTS, (merges, cuts) => {
      const stream = merges.map(({ tree, conflicts }) =>
        [
          conflicts.length === 0 ? '1' : '0',
          tree,
          ...conflicts.map(({ stage, sha, path }) => `100644 ${sha} ${stage}\t${path}`),
          '',
          '',
        ].join('\0'),
      );
      const read = readAll(mergeReader, Buffer.from(stream.join('')), cuts);
      expect(read.map(({ tree }) => tree)).toEqual(merges.map(({ tree }) => tree));
      const paths = read.map((result) =>
        result.kind === 'clean' ? [] : result.conflicts.map(({ path }) => path).toSorted(),
      );
      expect(paths).toEqual(
        merges.map(({ conflicts }) => [...new Set(conflicts.map(({ path }) => path))].toSorted()),
      );
    }),
  );
});

it('reads the same differences however the answers are cut', () => {
  const change = fc.record({ sha: SHA, path: PATH });
  fc.assert(
    fc.property(
      fc.array(fc.array(change, { maxLength: 4 }), { minLength: 1, maxLength: 5 }),
      CUTS,
      (diffs, cuts) => {
        const tree = '1'.repeat(40);
        const stream = diffs.map((changes) =>
          [
            `${tree}\n`,
            ...changes.map(({ sha, path }) => `:100644 100644 ${tree} ${sha} M\0${path}\0`),
            `${tree}\n`,
          ].join(''),
        );
        const read = readAll(diffReader, Buffer.from(stream.join('')), cuts);
        expect(read.map((changes) => changes.map(({ path, after }) => [path, after?.object]))).toEqual(
          diffs.map((changes) => changes.map(({ sha, path }) => [path, sha])),
        );
      },
    ),
  );
});
