import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RunIdSchema } from '@agentswarm/core';
import { createRunFolder, stateFolderOf } from '@agentswarm/orchestrator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { journalPath, listRuns, lockPath } from '../src/runs/run-folder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agentswarm-run-folder-'));
});
afterEach(() => rmSync(root, { recursive: true }));

// `status` and `log` find runs without loading the orchestrator, which lays their folders out.
it.each([false, true])('finds what the orchestrator lays out (bare repository: %s)', async (isBare) => {
  if (isBare) {
    mkdirSync(join(root, 'objects'));
    writeFileSync(join(root, 'HEAD'), 'ref: refs/heads/main\n');
  }
  const state = stateFolderOf({ root, isBare });
  const runId = RunIdSchema.parse('run-20261120-101500-k3f9');
  const folder = await createRunFolder(state, runId);
  writeFileSync(folder.journal, '');
  const [found] = await listRuns(root);
  expect(found).toEqual({ runId, path: folder.path });
  expect(journalPath(found ?? { runId, path: '' })).toBe(folder.journal);
  expect(lockPath(root)).toBe(state.lock);
  expect(existsSync(dirname(lockPath(root)))).toBe(true);
});
