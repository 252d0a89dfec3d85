import { Option, type Command } from 'commander';
import { BACKEND_KINDS } from '../backends/backend-kinds.ts';

/** `--target DIR`. */
export function addTargetOption(command: Command): Command {
  return command.option(
    '--target <dir>',
    'the repository to build (default: this directory if it holds SPEC.md, else ./target-repo)',
  );
}

/** The ways of showing a run; at most one. */
export function addOutputOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--plain', 'readable lines, one for each notable event').conflicts(['json', 'events']),
    )
    .addOption(
      new Option('--json', 'nothing until the end, then one JSON object').conflicts(['plain', 'events']),
    )
    .addOption(
      new Option('--events', 'every event as it happens, as newline-delimited JSON').conflicts([
        'plain',
        'json',
      ]),
    );
}

/** Settings a person may want to give for one run. */
export function addSettingOptions(command: Command): Command {
  return command
    .option('--max-workers <n>', 'workers at the same time')
    .option('--backend <kind>', 'where sandboxes run: local, modal, or modal-local, a test server of ours')
    .option('--isolation <kind>', 'auto: refuse to run without OS isolation; none: run without it')
    .option(
      '--gateway-url <url>',
      'public address that leads to GATEWAY_PORT here; workers call models by it',
    )
    .option('--model <name>', 'model to use, as the endpoint calls it')
    .option('--base-url <url>', 'OpenAI-compatible endpoint')
    .option('--gate <command>', 'command that must pass on the merged tree; give it again for more', collect)
    .option('--max-attempts <n>', 'attempts a task gets before it is given up')
    .option('--max-planning-rounds <n>', 'planning rounds before the run ends');
}

/** Where sandboxes run, for commands outside a run; the setting SANDBOX_BACKEND is for runs. */
export function backendOption(): Option {
  return new Option(
    '--backend <kind>',
    'where sandboxes run: on this machine, on Modal, or on a test server of ours in the place of Modal',
  )
    .choices(BACKEND_KINDS)
    .default('local');
}

/** Bounds of what a run may spend. */
export function addBudgetOptions(command: Command): Command {
  return command
    .option('--budget-usd <n>', 'most the run may cost, in US dollars; it pauses before it would cost more')
    .option('--budget-tokens <n>', 'most tokens the run may use')
    .option('--budget-limits <json>', 'bounds of each task, attempt, call and provider');
}

/** Which endpoints and which model, for commands that ask outside a run. */
export function addModelOptions(command: Command): Command {
  return command
    .option('--endpoint <name>', 'use only this endpoint of LLM_ENDPOINTS')
    .option('--model <name>', 'model to use, as the endpoint calls it')
    .option('--base-url <url>', 'OpenAI-compatible endpoint')
    .option('--target <dir>', 'directory whose settings apply (default: this directory)');
}

/** Bounds of what the command may spend. */
export function addSpendOptions(command: Command): Command {
  return command
    .option('--budget-usd <n>', 'most US dollars it may spend')
    .option('--budget-tokens <n>', 'most tokens it may use')
    .option('--budget-limits <json>', 'bounds of each call and provider');
}

/** Gathers the values of an option that may be given more than once. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

/** Examples below the help text, aligned. */
export function addExamples(command: Command, examples: readonly (readonly [string, string])[]): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, meaning]) => `  $ ${line.padEnd(width)}  ${meaning}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

export function addRecordOption(command: Command): Command {
  return command.option('--record <file>', 'append every exchange with a model to this cassette');
}
