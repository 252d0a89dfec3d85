import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteJournal } from '@agentswarm/journal';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCaptured } from './captured-cli.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentswarm-empty-run-'));
  const run = join(directory, '.agentswarm', 'runs', 'run-20261120-101500-k3f9');
  mkdirSync(run, { recursive: true });
  openSqliteJournal({ path: join(run, 'journal.db') }).close();
});
afterEach(() => rmSync(directory, { recursive: true }));

it.each(['stats', 'status'])(
  '%s says of a run that died before its first event that it has not begun',
  async (verb) => {
    const { code, stdout, stderr } = await runCaptured([verb], { directory });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('run-20261120-101500-k3f9 has not begun: its journal is empty');
  },
);
