// Runs an attempt that fills the disk its sandbox is on, and says what came of it.
import { readdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { CommitShaSchema, BranchNameSchema } from '@agentswarm/core';
import { runTask } from '../../src/index.ts';
import { findLabelledProcesses, sandboxLabel } from '../../src/process/process-table.ts';
import { localBackend } from '../local-machine.ts';
import { taskOptions, WORKER } from '../task-setup.ts';

const [isolation, root = '', repository = '', base] = process.argv.slice(2);
const backend = localBackend(isolation === 'none' ? 'none' : 'auto', {
  root,
  runtime: { readOnlyPaths: [WORKER], nodePath: process.execPath },
});
const source = {
  repository,
  commit: CommitShaSchema.parse(base),
  at: (commit: ReturnType<typeof CommitShaSchema.parse>) => ({
    repository,
    commit,
    branch: BranchNameSchema.parse('worker/task.1'),
  }),
};
let wasFull = false;
const run = runTask({
  ...taskOptions(backend, source, 'fillsDisk'),
  onResult: async () => {
    const { bavail, bsize } = await statfs(root);
    wasFull = bavail * bsize < 1024 * 1024;
  },
});
const result = await run.result;
const left = await findLabelledProcesses(sandboxLabel(await run.sandboxId));
const { status } = result;
const sandboxes = readdirSync(`${root}/sandboxes`);
const why = result.status === 'failed' ? { reason: result.reason, message: result.message } : {};
process.stdout.write(JSON.stringify({ wasFull, status, ...why, left, sandboxes }));
await backend[Symbol.asyncDispose]();
