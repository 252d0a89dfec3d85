import { describe, expect, it } from 'vitest';
import {
  attemptIdOf,
  AttemptIdSchema,
  BranchNameSchema,
  CommitShaSchema,
  RunIdSchema,
  TaskIdSchema,
} from './ids.ts';
import { randomIdSource } from './ports/id-source.ts';

const accepts = (
  schema: { safeParse: (value: unknown) => { success: boolean } },
  values: readonly unknown[],
) => values.filter((value) => schema.safeParse(value).success);

describe('TaskIdSchema', () => {
  it('takes lower-case words joined by hyphens', () => {
    const good = ['a', 'chunk-storage', '3d', 'a--b', 'x'.repeat(64)];
    const bad = ['', '-a', 'a-', 'A', 'a_b', 'a.b', 'a/b', 'ä', 'a\n', 'x'.repeat(65), '..', 7, null];
    expect(accepts(TaskIdSchema, [...good, ...bad])).toEqual(good);
  });
});

describe('attemptIdOf', () => {
  it('joins task and number, counted from 1', () => {
    const task = TaskIdSchema.parse('chunk-storage');
    expect(attemptIdOf(task, 1)).toBe('chunk-storage.1');
    expect(attemptIdOf(task, 12)).toBe('chunk-storage.12');
    for (const number of [0, -1, 1.5, Number.NaN]) expect(() => attemptIdOf(task, number)).toThrow();
  });

  it('makes ids the schema takes, and no other', () => {
    expect(accepts(AttemptIdSchema, ['a.1', 'a.01', 'a', 'a.', 'a.1.1', '.1', 'A.1'])).toEqual(['a.1']);
  });
});

describe('CommitShaSchema', () => {
  it('takes full lower-case object names', () => {
    const good = ['a'.repeat(40), '0'.repeat(64)];
    expect(accepts(CommitShaSchema, [...good, 'a'.repeat(39), 'A'.repeat(40), 'g'.repeat(40)])).toEqual(good);
  });
});

describe('BranchNameSchema', () => {
  it('takes the names git takes, and no other', () => {
    const good = [
      'main',
      'worker/chunk-storage.1',
      'release/1.0',
      'a_b',
      '-x',
      'wörk/#12+@x',
      'a@b',
      'x;y&$(z)',
    ];
    const bad = [
      '',
      '/x',
      'x/',
      'a//b',
      'a..b',
      'a/.b',
      '.a',
      'a.',
      'a.lock',
      'a.lock/b',
      'a b',
      'a~1',
      '@{u}',
      '@',
      'HEAD',
      'a:b',
      'a\nb',
      'a*',
      'a[b',
      'a\\b',
    ];
    expect(accepts(BranchNameSchema, [...good, ...bad])).toEqual(good);
  });
});

describe('randomIdSource', () => {
  it('makes sortable run ids and tokens of 256 bits', () => {
    const early = randomIdSource.runId(Date.UTC(2026, 10, 20, 10, 15, 0));
    expect(early).toMatch(/^run-20261120-101500-[0-9a-f]{4}$/);
    expect(RunIdSchema.parse(early)).toBe(early);
    expect(early < randomIdSource.runId(Date.UTC(2026, 10, 20, 10, 15, 1))).toBe(true);
    const tokens = Array.from({ length: 100 }, () => randomIdSource.token());
    expect(new Set(tokens).size).toBe(100);
    expect(tokens.every((token) => /^[0-9a-f]{64}$/.test(token))).toBe(true);
  });
});
