// Runs an attempt that fills the disk its sandbox is on, then takes over a sandbox on the full disk that another
// process left, and says what came of them.
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

const orphan = await backend.create({ labels: { run: 'run-orphan', purpose: 'command' } });
await orphan.writeFile(`${orphan.paths.control}/handoff`, 'finished');
const [record = ''] = readdirSync(`${root}/sandboxes`).filter((name) => name.endsWith('.json'));
const file = `${root}/sandboxes/${record}`;
writeFileSync(file, readFileSync(file, 'utf8').replace(/"start":"[^"]*"/, '"start":"of nobody alive"'));
let isFull = false;
for (let count = 0; !isFull && count < 100_000; count++) {
  try {
    appendFileSync(`${root}/ballast`, Buffer.alloc(count < 1_000 ? 64 * 1024 : 1, 1));
  } catch (error) {
    isFull ||= (error as NodeJS.ErrnoException).code === 'ENOSPC' && count >= 1_000;
    if (count < 1_000) count = 1_000;
  }
}
const next = localBackend(isolation === 'none' ? 'none' : 'auto', { root });
const taken = await next.attach(orphan.id);
const read = Buffer.from(await taken.readFile(`${taken.paths.control}/handoff`)).toString();
await taken.terminate();
const orphans = await next.list({});
process.stdout.write(JSON.stringify({ wasFull, status, ...why, left, sandboxes, isFull, read, orphans }));
for (const each of [next, backend]) await each[Symbol.asyncDispose]();
