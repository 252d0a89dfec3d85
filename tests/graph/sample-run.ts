import { createTaskGraph, runGraph, type GraphEvent, type TaskNode } from '@agentswarm/dag-engine';
import { openSqliteLog } from '@agentswarm/journal';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

const nodes: readonly TaskNode[] = [
  { id: 'plan' },
  { id: 'flaky', dependsOn: ['plan'] },
  { id: 'left', dependsOn: ['plan'] },
  { id: 'right', dependsOn: ['plan'] },
  { id: 'join', dependsOn: ['left', 'right'] },
  { id: 'bad' },
  { id: 'behind-bad', dependsOn: ['bad', 'plan'] },
  { id: 'end', dependsOn: ['join', 'flaky'] },
];

/** Called around each event the journal keeps. */
export interface Watcher {
  readonly before?: () => void;
  readonly after?: () => void;
}

/** Runs a graph that fails, grows and branches, or goes on with it; gives where each node ended. */
export async function runSample(folder: string, { before, after }: Watcher = {}) {
  using log = openSqliteLog({ path: join(folder, 'run.db') });
  const run = runGraph<TaskNode, string>(createTaskGraph(nodes), {
    concurrency: 2,
    maxAttempts: 2,
    journal: {
      read: () => log.read(),
      append: (event) => {
        before?.();
        log.append(event);
        after?.();
      },
    },
    run: async ({ id }, { attempt, add, skip }) => {
      appendFileSync(join(folder, 'effects.txt'), `${id} ${attempt}\n`);
      await new Promise((resolve) => setImmediate(resolve));
      if (id === 'bad' || (id === 'flaky' && attempt === 1)) throw new Error(id);
      if (id === 'plan') {
        add([{ id: 'extra', dependsOn: ['plan'] }], [{ id: 'end', dependsOn: ['extra'] }]);
        skip('left');
      }
      return id.toUpperCase();
    },
  });
  const events: GraphEvent[] = [];
  for await (const event of run) events.push(event);
  const ids = [...nodes.map((node) => node.id), 'extra'];
  return { events, ends: Object.fromEntries(ids.map((id) => [id, [run.statusOf(id), run.resultOf(id)]])) };
}
