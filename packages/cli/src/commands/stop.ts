import type { Command } from 'commander';
import type { StopFlags } from '../actions/stop-run.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples, addTargetOption } from './options.ts';

export function defineStop(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('stop')
    .summary('end the live run; it can be resumed')
    .description(
      'Asks the live run of the repository to stop, as Ctrl-C in its terminal would, and waits until it has.',
    )
    .option('--now', 'end it at once, without waiting for what is about to land');
  addExamples(addTargetOption(command), [
    ['agentswarm stop', 'gracefully'],
    ['agentswarm stop --now', 'as Ctrl-C twice'],
  ]);
  command.action(async (flags: StopFlags) => {
    const { stopRun } = await import('../actions/stop-run.ts');
    finish(await stopRun(context, flags));
  });
}
