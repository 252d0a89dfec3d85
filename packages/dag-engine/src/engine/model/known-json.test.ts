import { expect, it } from 'vitest';
import { freezeKnown, isKnown, levelsOf, rememberKnown } from './known-json.ts';

it('knows how deep a value is that it froze', () => {
  const inner = freezeKnown([1, 'a', null]);
  const outer = freezeKnown({ inner, flag: true });
  expect([levelsOf('a'), levelsOf(inner), levelsOf(outer)]).toEqual([0, 1, 2]);
  expect(Object.isFrozen(outer)).toBe(true);
});

it.for([[Number.NaN], [-0], [undefined], [10n], [() => 1], [{ stranger: 1 }]])(
  'takes nothing with %o in it for JSON',
  ([part]) => {
    const holder = freezeKnown({ part });
    expect(isKnown(holder)).toBe(true);
    expect(levelsOf(holder)).toBe(Infinity);
  },
);

it('does not know what others froze', () => {
  expect(isKnown(Object.freeze({}))).toBe(false);
  expect(levelsOf(Object.freeze([]))).toBe(Infinity);
});

it('takes the word of who made a value', () => {
  const made = Object.freeze([Object.freeze([1])]);
  rememberKnown(made, 2);
  expect(levelsOf(freezeKnown({ made }))).toBe(3);
});
