import type { Command } from 'commander';
import type { StatusFlags } from '../actions/show-status.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples, addTargetOption } from './options.ts';

export function defineStatus(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('status')
    .summary('what the newest run is doing')
    .description('Shows whether a run is live, its workers, tasks, merge queue and landings.')
    .argument('[run]', 'run id (default: the newest run)')
    .option('--json', 'as one JSON object');
  addExamples(addTargetOption(command), [
    ['agentswarm status', 'the newest run of this repository'],
    ['agentswarm status --json', 'for a program to read'],
  ]);
  command.action(async (runId: string | undefined, flags: StatusFlags) => {
    const { showStatus } = await import('../actions/show-status.ts');
    finish(await showStatus(context, runId, flags));
  });
}
