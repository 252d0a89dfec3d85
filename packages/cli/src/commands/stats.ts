import type { Command } from 'commander';
import type { StatusFlags } from '../actions/show-status.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples, addTargetOption } from './options.ts';

export function defineStats(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('stats')
    .summary('the figures of a run, recomputed from its journal')
    .description('Prints the summary of a run again. Every figure is computed from the journal.')
    .argument('[run]', 'run id (default: the newest run)')
    .option('--json', 'as one JSON object, the one `run --json` prints');
  addExamples(addTargetOption(command), [
    ['agentswarm stats', 'the newest run of this repository'],
    ['agentswarm stats run-20261120-101500-k3f9 --json', 'a certain one, for a program to read'],
  ]);
  command.action(async (runId: string | undefined, flags: StatusFlags) => {
    const { showStats } = await import('../actions/show-stats.ts');
    finish(await showStats(context, runId, flags));
  });
}
