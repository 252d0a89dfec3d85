import { expect, it } from 'vitest';
import { directoryOf, foldName, isPortableName } from './path-names.ts';

it.each(['a', '.a', 'a.b', 'console', 'com', 'com10', 'aux-file', '[id]', 'a b', '\ufffd'.repeat(255), 'ä'])(
  'every system takes %j',
  (name) => expect(isPortableName(name)).toBe(true),
);

it.each([
  'nul',
  'AUX',
  'con.ts',
  'lpt1.tar.gz',
  'a:b',
  'a?',
  '*',
  'a|b',
  '"a"',
  'a\\b',
  'a.',
  'a ',
  'ä'.repeat(128),
])('not every system takes %j', (name) => expect(isPortableName(name)).toBe(false));

it('folds what some system cannot tell apart', () => {
  expect(foldName('Caf\u00e9')).toBe(foldName('cafe\u0301'));
  expect(foldName('a')).not.toBe(foldName('b'));
});

it.each([
  ['a', ''],
  ['a/b', 'a'],
  ['a/b/c', 'a/b'],
])('%j is in %j', (path, directory) => expect(directoryOf(path)).toBe(directory));
