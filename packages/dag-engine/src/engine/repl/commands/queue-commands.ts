import { CommandError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { splitJsonPrefix } from '../json-prefix.ts';
import { statusIcon } from '../render-result.ts';

export const queueCommand: Command = {
  name: 'queue',
  aliases: [],
  help: 'Puts an input in the queue: /queue <json or text> [start node]',
  run: ({ engine, print }, args) => {
    if (args.trim() === '') throw new CommandError('queue', 'say what to queue', { args });
    const { value, rest } = splitJsonPrefix(args);
    print(`Queued ${engine.enqueue(value, ...(rest === '' ? [] : [rest]))}`);
  },
};

export const runQueueCommand: Command = {
  name: 'run-queue',
  aliases: [],
  help: 'Runs everything that is in the queue',
  run: async ({ engine, print }) => {
    const results = await engine.runQueued();
    for (const { task_id, status } of results) print(`${statusIcon(status)} ${status}  ${task_id}`);
    print(`Ran ${results.length} task(s)`);
  },
};

export const queueStatusCommand: Command = {
  name: 'queue-status',
  aliases: [],
  help: 'Counts the tasks of the queue by state, with -v each of them: /queue-status [-v]',
  run: ({ engine, print }, args) => {
    const tasks = engine.queuedTasks();
    const counts = ['queued', 'running', 'completed', 'failed'].map(
      (state) => `${tasks.filter((task) => task.state === state).length} ${state}`,
    );
    print(counts.join(', '));
    if (args.trim() !== '-v') return;
    for (const { task_id, state } of tasks) print(`  ${state.padEnd(9)} ${task_id}`);
  },
};
