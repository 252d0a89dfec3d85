import type { Command } from 'commander';
import type { InitFlags } from '../actions/init-repository.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples } from './options.ts';

export function defineInit(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('init')
    .summary('write the files a run needs into your own repository')
    .description(
      'Writes SPEC.md, FEATURES.json, AGENTS.md, agentswarm.config.json and .env.example. A file that exists is kept as it is.',
    )
    .option('--target <dir>', 'the repository (default: this directory)');
  addExamples(command, [['agentswarm init', 'then edit SPEC.md and FEATURES.json, and `agentswarm run`']]);
  command.action(async (flags: InitFlags) => {
    const { initRepository } = await import('../actions/init-repository.ts');
    finish(await initRepository(context, flags));
  });
}
