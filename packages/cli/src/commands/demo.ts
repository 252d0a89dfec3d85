import type { Command } from 'commander';
import type { DemoFlags } from '../actions/run-demo.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples, addOutputOptions, backendOption } from './options.ts';

export function defineDemo(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('demo')
    .summary('see a swarm build a small game engine; needs no key')
    .description(
      'Copies a bundled project into a new repository, starts a scripted model and runs the swarm on it. Only the answers of the model are authored; workers, sandboxes, gate, merges and pushes are real.',
    )
    .option('--dir <dir>', 'where to put it: a new or empty directory (default: a temporary one)')
    .option('--resume <dir>', 'take up an interrupted demo in this directory')
    .option('--max-workers <n>', 'workers at the same time', '4')
    .addOption(backendOption());
  addExamples(addOutputOptions(command), [
    ['agentswarm demo', 'watch it'],
    ['agentswarm demo --backend modal-local', 'the way of remote sandboxes, against a test server of ours'],
    ['agentswarm demo --dir ./demo --plain', 'in a directory of your choice, as lines'],
  ]);
  command.action(async (flags: DemoFlags) => {
    const { runDemo } = await import('../actions/run-demo.ts');
    finish(await runDemo(context, flags));
  });
}
