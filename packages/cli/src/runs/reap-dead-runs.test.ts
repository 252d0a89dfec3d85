import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxSummary } from '@agentswarm/core';
import { stateFolderOf } from '@agentswarm/orchestrator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { reapDeadRuns } from './reap-dead-runs.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agentswarm-reap-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Runs that were reaped where sandboxes of these runs are; `run-own` and `run-resumed` are of the target. */
async function reapedOf(runs: readonly string[], sandboxBackend: 'local' | 'modal') {
  const state = stateFolderOf({ root, isBare: false });
  for (const run of ['run-own', 'run-resumed']) mkdirSync(join(state.path, 'runs', run), { recursive: true });
  const reaped: (string | undefined)[] = [];
  const summaries = runs.map((run, index): SandboxSummary => ({
    id: `sbx-${index}`,
    labels: { run, purpose: 'attempt' },
    createdAtMs: 0,
    state: 'orphaned',
  }));
  const backend = {
    list: () => Promise.resolve(summaries),
    reap: ({ run }: { readonly run?: string }) => Promise.resolve(reaped.push(run)),
  };
  await reapDeadRuns(backend, { config: { sandboxBackend }, state, resumeRunId: 'run-resumed' });
  return reaped;
}

const RUNS = ['run-own', 'run-own', 'run-resumed', 'run-other', '../runs/run-own'];

it('takes whatever is in the folder of the target for its own, but for the run that is resumed', async () => {
  expect(await reapedOf(RUNS, 'local')).toEqual(['run-own', 'run-other', '../runs/run-own']);
});

it('leaves the sandboxes that other repositories have in the account', async () => {
  expect(await reapedOf(RUNS, 'modal')).toEqual(['run-own']);
});
