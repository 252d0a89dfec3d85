// Carries an attempt on a server that speaks as Modal does, and kills itself after a frame or when the result is
// known. What it works with comes as one line of JSON on standard input.
import { appendFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { BranchNameSchema, CommitShaSchema } from '@agentswarm/core';
import { runTask } from '../../../src/index.ts';
import type { TaskSource } from '../../task-setup.ts';
import type { FakeModal } from '../fake-modal.ts';
import { modalBackend } from '../modal-machine.ts';
import { remoteTask } from './remote-task.ts';

/** What this program is told. */
export interface HostOrder {
  readonly hello: FakeModal['hello'];
  readonly root: string;
  readonly repository: string;
  readonly commit: string;
  /** File that takes what was seen, as it comes. */
  readonly log: string;
  /** A count of the worker, `result`, or nothing. */
  readonly dieAt: string;
}

const order = JSON.parse(await text(process.stdin)) as HostOrder;
const { hello, root, repository, log, dieAt } = order;
const backend = modalBackend({ hello }, { root });
const source: TaskSource = {
  repository,
  commit: CommitShaSchema.parse(order.commit),
  at: (commit) => ({ repository, commit, branch: BranchNameSchema.parse('worker/task.1') }),
};
const note = (what: string | number) => appendFileSync(log, `${what}\n`);
const die = (point: string) => {
  if (point === dieAt) process.kill(process.pid, 'SIGKILL');
};
const run = runTask({
  ...remoteTask(backend, source, 'talksSlowly'),
  onResult: async () => die('result'),
});
for await (const frame of run.events) {
  if (frame.type !== 'progress') continue;
  note(frame.toolCalls);
  die(String(frame.toolCalls));
}
const { status } = await run.result;
await backend[Symbol.asyncDispose]();
note(status);
