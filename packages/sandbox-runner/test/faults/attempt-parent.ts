// Carries an attempt and kills itself at a chosen point: after a frame, or when the result is known.
import { appendFileSync } from 'node:fs';
import { CommitShaSchema } from '@agentswarm/core';
import { runTask } from '../../src/index.ts';
import { localBackend } from '../local-machine.ts';
import { taskOptions, WORKER, type TaskSource } from '../task-setup.ts';

const [isolation, root = '', repository = '', base, behaviour = '', log = '', dieAt = ''] =
  process.argv.slice(2);
const backend = localBackend(isolation === 'none' ? 'none' : 'auto', {
  root,
  runtime: { readOnlyPaths: [WORKER], nodePath: process.execPath },
});
const commit = CommitShaSchema.parse(base);
const source: TaskSource = {
  repository,
  commit,
  at: (at) => ({ repository, commit: at, branch: 'worker/task.1' as ReturnType<TaskSource['at']>['branch'] }),
};
const die = (point: string) => {
  if (point === dieAt) process.kill(process.pid, 'SIGKILL');
};
const run = runTask({
  ...taskOptions(backend, source, behaviour),
  onResult: async () => die('result'),
});
for await (const frame of run.events) {
  if (frame.type !== 'progress') continue;
  appendFileSync(log, `${frame.toolCalls}\n`);
  die(String(frame.toolCalls));
}
await run.result;
