import { expect, it } from 'vitest';
import { findUndeclaredFiles, FORBIDDEN_PATHS } from './hand-in.ts';

const rules = { scope: ['src/', 'AGENTS.md'], shared: ['package.json'], forbidden: FORBIDDEN_PATHS };

it('lets files in scope and shared files pass', () => {
  expect(findUndeclaredFiles(['src/a.ts', 'src/b/c.ts', 'package.json'], rules)).toEqual([]);
  expect(findUndeclaredFiles([], rules)).toEqual([]);
});

it('lists every other file, in the order given', () => {
  expect(findUndeclaredFiles(['z.ts', 'src/a.ts', 'lib/x.ts', 'package.json/x'], rules)).toEqual([
    'z.ts',
    'lib/x.ts',
    'package.json/x',
  ]);
});

it('lists forbidden files even inside scope or shared', () => {
  const everything = {
    scope: ['AGENTS.md', '.agentswarm/'],
    shared: ['SPEC.md'],
    forbidden: FORBIDDEN_PATHS,
  };
  const files = ['AGENTS.md', '.agentswarm/runs/x', 'SPEC.md'];
  expect(findUndeclaredFiles(files, everything)).toEqual(files);
});

it.each(FORBIDDEN_PATHS)('forbids %s', (path) => {
  const file = path.endsWith('/') ? `${path}x` : path;
  expect(findUndeclaredFiles([file], { scope: [path], shared: [], forbidden: FORBIDDEN_PATHS })).toEqual([
    file,
  ]);
});
