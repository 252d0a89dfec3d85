import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
// First: it stands before the `spawn` that everything else uses.
import { point, points } from './crash-points.ts';
import type { EventSink, QueueEvent } from '@agentswarm/core';
import { createMergeQueue, queueStateOf, type Submission } from '@agentswarm/merge-queue';
import { fileGate, target } from '../landing-fixture.ts';
import { scriptedVerdict } from '../model/scripted-gate.ts';

/** What a process is to do: to land these on the target, continuing what the journal says. */
export interface QueueOrder {
  readonly store: string;
  /** Absent: the store's own branch is the target. */
  readonly remote?: string;
  readonly journal: string;
  readonly submissions: readonly Submission[];
}

const order = JSON.parse(process.argv[2] ?? '') as QueueOrder;
const earlier = existsSync(order.journal) ? readFileSync(order.journal, 'utf8').trimEnd().split('\n') : [];
const state = queueStateOf(earlier.filter(Boolean).map((line) => JSON.parse(line) as QueueEvent));
const file = openSync(order.journal, 'a');
const journal: EventSink = {
  append: (event) => {
    point('before', event.type);
    writeSync(file, `${JSON.stringify(event)}\n`);
    fsyncSync(file);
    point('after', event.type);
    return { seq: 1, atMs: 0, event };
  },
};
{
  await using queue = await createMergeQueue({
    repository: order.store,
    ...(order.remote === undefined ? {} : { remote: order.remote }),
    target,
    journal,
    state,
    gate: fileGate((files) => scriptedVerdict(files) === 'pass'),
    slots: 1,
    maxBatch: 3,
  });
  // A ticket that is known already is not queued again.
  for (const submission of order.submissions) queue.enqueue(submission);
  const result = await queue.drain();
  if (result.kind !== 'empty') process.exitCode = 1;
}
closeSync(file);
process.stdout.write(`${JSON.stringify(points)}\n`);
