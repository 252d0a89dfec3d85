import type { Command } from 'commander';
import type { LogFlags } from '../actions/show-log.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples, addTargetOption } from './options.ts';

export function defineLog(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('log')
    .summary('what happened in a run, event by event')
    .description(
      'Prints the events of a run as lines, or the full conversation of the agents with --transcript.',
    )
    .argument('[run]', 'run id (default: the newest run)')
    .option('-f, --follow', 'go on while the run is live')
    .option('--task <id>', 'only what concerns this task')
    .option('--transcript', 'model turns, tool calls and results instead of events')
    .option('--json', 'as stored: newline-delimited JSON');
  addExamples(addTargetOption(command), [
    ['agentswarm log --follow', 'watch the newest run'],
    ['agentswarm log --task vec3', 'the story of one task'],
    ['agentswarm log --task vec3 --transcript', 'what its agents said and did'],
  ]);
  command.action(async (runId: string | undefined, flags: LogFlags) => {
    const { showLog } = await import('../actions/show-log.ts');
    finish(await showLog(context, runId, flags));
  });
}
