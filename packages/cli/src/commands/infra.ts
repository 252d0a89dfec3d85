import type { Command } from 'commander';
import type { InfraFlags } from '../actions/run-infra.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples } from './options.ts';

export function defineInfra(program: Command, deps: CommandDeps): void {
  const infra = program
    .command('infra')
    .summary('deploy a model server of your own on Modal')
    .description(
      "Runs the Modal command with the credentials of the configuration, and prints what it runs before it does. What is deployed is GLM-5 on GPUs of Modal: your account pays for it. Modal's own options are those of `python -m modal`.",
    );
  addExamples(infra, [
    ['agentswarm infra deploy --dry-run', 'prints the command, and runs nothing'],
    ['agentswarm infra status', 'what is deployed in the account'],
    ['agentswarm infra stop', 'takes the model server down; its volumes stay'],
  ]);
  defineDeploy(infra, deps);
  defineStatus(infra, deps);
  defineStop(infra, deps);
}

function addDryRun(command: Command): Command {
  return command
    .option('--target <dir>', 'directory whose settings apply (default: this directory)')
    .option('--dry-run', 'only print the command');
}

function defineDeploy(infra: Command, { context, finish }: CommandDeps): void {
  const command = addDryRun(infra.command('deploy'))
    .summary('deploy the model server')
    .description(
      'Deploys GLM-5. It costs GPU time from its first request on, until it was idle for ten minutes. GLM5_* variables of the environment change its sizes; GLM5_WEIGHTS=dummy rehearses it.',
    );
  command.action(async (flags: InfraFlags) => {
    const { runInfra } = await import('../actions/run-infra.ts');
    finish(await runInfra(context, { kind: 'deploy' }, flags));
  });
}

function defineStatus(infra: Command, { context, finish }: CommandDeps): void {
  const command = addDryRun(infra.command('status')).summary('list the apps of the account');
  command.action(async (flags: InfraFlags) => {
    const { runInfra } = await import('../actions/run-infra.ts');
    finish(await runInfra(context, { kind: 'status' }, flags));
  });
}

function defineStop(infra: Command, { context, finish }: CommandDeps): void {
  const command = addDryRun(infra.command('stop'))
    .summary('stop an app')
    .description('Stops an app and everything that runs in it. Modal asks first, unless --yes is given.')
    .argument('[app]', 'its name (default: that of the model server)')
    .option('-y, --yes', 'do not ask');
  command.action(async (app: string | undefined, flags: InfraFlags & { readonly yes?: boolean }) => {
    const { runInfra } = await import('../actions/run-infra.ts');
    finish(await runInfra(context, { kind: 'stop', app, isSure: flags.yes === true }, flags));
  });
}
