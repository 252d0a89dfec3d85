import fc from 'fast-check';
import { posix } from 'node:path';
import { expect, it } from 'vitest';
import { isSafeLink } from './link-target.ts';

it.each([
  ['a', 'b'],
  ['a', '.'],
  ['a', './b/'],
  ['a/b/c', '../../x/y'],
  ['a/b', '..'],
  ['a', 'b//c'],
])('lets %j lead to %j', (path, target) => expect(isSafeLink(path, target)).toBe(true));

it.each([
  ['a', ''],
  ['a', '/'],
  ['a', '/repo/b'],
  ['a', '..'],
  ['a/b', '../..'],
  ['a/b', '../../a/c'],
  ['a/b', 'c/..'],
  ['a', '.git/config'],
  ['a', 'C:/x'],
  ['a', '..\\x'],
  ['a', 'x\u0000y'],
])('does not let %j lead to %j', (path, target) => expect(isSafeLink(path, target)).toBe(false));

it('never takes a link for safe that leaves the tree', () => {
  const step = fc.constantFrom('..', '.', '', 'a', 'b', '.git');
  const steps = fc.array(step, { minLength: 1, maxLength: 6 }).map((names) => names.join('/'));
  fc.assert(
    fc.property(fc.constantFrom('l', 'a/l', 'a/b/l'), steps, (path, target) => {
      if (!isSafeLink(path, target)) return;
      const reached = posix.resolve('/repo', posix.dirname(path), target);
      expect(reached === '/repo' || reached.startsWith('/repo/')).toBe(true);
      expect(reached.startsWith('/repo/.git')).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});
