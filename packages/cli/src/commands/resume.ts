import type { Command } from 'commander';
import type { ResumeFlags } from '../actions/resume-run.ts';
import type { CommandDeps } from './command-deps.ts';
import {
  addBudgetOptions,
  addExamples,
  addOutputOptions,
  addRecordOption,
  addTargetOption,
} from './options.ts';

export function defineResume(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('resume')
    .summary('take up a run that was stopped, paused or killed')
    .description(
      'Continues with the configuration the run was started with; only secrets are read anew. No landed task is done again.',
    )
    .argument('[run]', 'run id (default: the newest unfinished run)')
    .option('--base-url <url>', 'the endpoint has moved here')
    .option('--model <name>', 'use this model from now on');
  addRecordOption(command);
  addExamples(addOutputOptions(addBudgetOptions(addTargetOption(command))), [
    ['agentswarm resume', 'the newest unfinished run of this repository'],
    ['agentswarm resume run-20261120-101500-k3f9', 'a certain one'],
    ['agentswarm resume --budget-usd 7.50', 'one that paused because its budget was used up'],
  ]);
  command.action(async (runId: string | undefined, flags: ResumeFlags) => {
    const { resumeRun } = await import('../actions/resume-run.ts');
    finish(await resumeRun(context, runId, flags));
  });
}
