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

it('shows everything to programs, warnings on a terminal and errors beside the live view', () => {
  expect(selectShownLevel({ isTTY: false }, 'plain')).toBe('debug');
  expect(selectShownLevel({ isTTY: true }, 'plain')).toBe('warn');
  expect(selectShownLevel({ isTTY: true }, 'live')).toBe('error');
});
