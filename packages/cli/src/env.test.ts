import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { selectDirectory } from './env.ts';

const typedIn = mkdtempSync(join(tmpdir(), 'agentswarm-env-'));
afterAll(() => rmSync(typedIn, { recursive: true }));

it('is the working directory without npm', () => {
  expect(selectDirectory('/somewhere', {})).toBe('/somewhere');
});

it('is where npm was called when npm runs the command in its package', () => {
  const env = { INIT_CWD: typedIn, npm_package_json: '/clone/package.json' };
  expect(selectDirectory('/clone', env)).toBe(typedIn);
});

it('ignores an INIT_CWD inherited from an npm script that runs elsewhere', () => {
  const env = { INIT_CWD: typedIn, npm_package_json: '/other/package.json' };
  expect(selectDirectory('/clone', env)).toBe('/clone');
});

it('ignores an INIT_CWD that is gone', () => {
  expect(selectDirectory('/clone', { INIT_CWD: join(typedIn, 'gone') })).toBe('/clone');
});
