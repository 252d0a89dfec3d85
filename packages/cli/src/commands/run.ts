import type { Command } from 'commander';
import type { RunFlags } from '../actions/start-run.ts';
import type { CommandDeps } from './command-deps.ts';
import {
  addBudgetOptions,
  addExamples,
  addOutputOptions,
  addRecordOption,
  addSettingOptions,
  addTargetOption,
} from './options.ts';

export function defineRun(program: Command, { context, finish }: CommandDeps): void {
  const command = program
    .command('run')
    .summary('build the target repository from its SPEC.md and FEATURES.json')
    .description(
      'Plans the work, runs workers in sandboxes and lands their branches on main, each verified by the gate, until the specification is met.',
    );
  addBudgetOptions(addSettingOptions(addTargetOption(command))).option(
    '--repair',
    'start although the gate already fails on main, to repair it',
  );
  addRecordOption(command);
  addExamples(addOutputOptions(command), [
    ['agentswarm run', 'build the repository in this directory'],
    ['agentswarm run --target ../app --max-workers 8', 'another one, with eight workers'],
    ['agentswarm run --gate "npm test" --plain', 'with a gate of your own, as lines'],
    ['agentswarm run --budget-usd 5', 'pauses before it would cost more than 5 USD'],
    ['agentswarm run --json > result.json', 'for a program to read'],
  ]);
  command.action(async (flags: RunFlags) => {
    const { startRun } = await import('../actions/start-run.ts');
    finish(await startRun(context, flags));
  });
}
