import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@agentswarm/core';
import { afterAll, expect, it } from 'vitest';
import { createLogging } from './create-logging.ts';
import { selectShownLevel } from './shown-level.ts';

const directory = mkdtempSync(join(tmpdir(), 'agentswarm-logging-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('keeps early lines for the file, hides secrets everywhere and shows only what is asked for', () => {
  const shown: string[] = [];
  const path = join(directory, 'log.ndjson');
  {
    using logging = createLogging({
      level: 'info',
      secrets: [new Secret('canary-key-1')],
      shownLevel: 'warn',
      show: (line) => shown.push(line),
    });
    logging.logger.info({ url: 'http://x/?key=canary-key-1' }, 'before the run');
    logging.logger.debug({}, 'below the level');
    logging.openFile(path);
    logging.logger.child({ task: 'vec3' }).warn({ key: 'canary-key-1' }, 'after');
  }
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { level: 'info', url: 'http://x/?key=***', message: 'before the run' },
    { level: 'warn', task: 'vec3', key: '***', message: 'after' },
  ]);
  expect(shown.map((line) => JSON.parse(line).message)).toEqual(['after']);
  expect(shown.join()).not.toContain('canary');
});

it('shows nothing that steers a terminal', () => {
  const shown: string[] = [];
  using logging = createLogging({
    level: 'info',
    secrets: [],
    shownLevel: 'info',
    show: (line) => shown.push(line),
  });
  logging.logger.warn({ line: '\u009b2Jcleared \u202ereversed \u001b[31mred' }, 'ignored a line');
  expect(shown).toHaveLength(1);
  expect(shown[0]).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(JSON.parse(shown[0] ?? '')).toMatchObject({ line: ' 2Jcleared reversed \u001b[31mred' });
});

it('shows everything to programs, warnings on a terminal and errors beside the live view', () => {
  expect(selectShownLevel({ isTTY: false }, 'plain')).toBe('debug');
  expect(selectShownLevel({ isTTY: true }, 'plain')).toBe('warn');
  expect(selectShownLevel({ isTTY: true }, 'live')).toBe('error');
});
