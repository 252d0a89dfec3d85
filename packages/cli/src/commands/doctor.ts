import type { Command } from 'commander';
import type { DoctorFlags } from '../actions/run-doctor.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples, addTargetOption } from './options.ts';

export function defineDoctor(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('doctor')
    .summary('check that everything a run needs is there')
    .description(
      'Tries Node, git, Python, OS isolation, the model endpoint, the remote and the disk. Each problem comes with its fix.',
    )
    .option('--json', 'as one JSON object');
  addExamples(addTargetOption(command), [
    ['agentswarm doctor', 'this machine and this repository'],
    ['agentswarm doctor --json', 'for a program to read'],
  ]);
  command.action(async (flags: DoctorFlags) => {
    const { runDoctor } = await import('../actions/run-doctor.ts');
    finish(await runDoctor(context, flags));
  });
}
