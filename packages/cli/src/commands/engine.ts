import { Option, type Command } from 'commander';
import type { HealthFlags } from '../actions/check-engine.ts';
import type { ConverseFlags } from '../actions/converse.ts';
import type { EvaluateFlags } from '../actions/evaluate-engine.ts';
import type { InspectFlags } from '../actions/inspect-engine.ts';
import type { RunEngineFlags } from '../actions/run-engine.ts';
import type { QueueFlags } from '../actions/run-queue.ts';
import type { ValidateFlags } from '../actions/validate-engine.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples, collect } from './options.ts';

export function defineEngine(program: Command, deps: CommandDeps): void {
  const engine = program
    .command('engine')
    .summary('run workflows of agents from manifests')
    .description(
      'Loads a directory of manifests (workflow.yaml, agents.yaml, tools.yaml, …) and runs tasks through its DAG.',
    );
  addExamples(engine, [
    ['agentswarm engine init my-workflow', 'a workflow to begin with'],
    [`agentswarm engine run my-workflow/config --input '"Hello"'`, 'one task'],
    ['agentswarm engine repl my-workflow/config', 'a conversation'],
  ]).addHelpText(
    'after',
    '\nExit codes: 0 done, 1 a run, case or check failed, 2 usage or configuration, 3 the budget is used up or a model is not running, 130 interrupted.',
  );
  for (const define of [
    defineInit,
    defineValidate,
    defineRun,
    defineEval,
    defineInspect,
    defineQueue,
    defineRepl,
    defineHealthcheck,
  ]) {
    define(engine, deps);
  }
}

function defineInit(engine: Command, { context, finish }: CommandDeps): void {
  subcommand(engine, 'init', 'write a workflow to begin with')
    .description('Writes a small workflow, ready to run. Nothing that exists is overwritten.')
    .action(async (dir: string) => {
      const { initEngine } = await import('../actions/init-engine.ts');
      finish(await initEngine(context, dir));
    });
}

function defineValidate(engine: Command, { context, finish }: CommandDeps): void {
  subcommand(engine, 'validate', 'say everything that is wrong with the manifests')
    .description('Loads the manifests and the code they name, and lists every problem with file and place.')
    .option('--json', 'one JSON object')
    .action(async (dir: string, flags: ValidateFlags) => {
      const { validateEngine } = await import('../actions/validate-engine.ts');
      finish(await validateEngine(context, dir, flags));
    });
}

function defineRun(engine: Command, { context, finish }: CommandDeps): void {
  const command = subcommand(engine, 'run', 'run one task')
    .description('Takes an input through the DAG and shows what came of it.')
    .requiredOption('--input <json>', 'the input as JSON, @FILE, or - for standard input')
    .option('--start <node>', 'another start node than the default one')
    .addOption(new Option('--json', 'the result as one JSON object').conflicts('events'))
    .option('--events', 'every event as it happens, as newline-delimited JSON');
  addExamples(addMock(command), [
    [`agentswarm engine run config --input '{"title": "Hello"}'`, 'an object'],
    ['agentswarm engine run config --input @request.json --json', 'from a file, for a program to read'],
    [`agentswarm engine run config --input '"Hello"' --mock mock.json`, 'without a model'],
  ]).action(async (dir: string, flags: RunEngineFlags) => {
    const { runEngine } = await import('../actions/run-engine.ts');
    finish(await runEngine(context, dir, flags));
  });
}

function defineEval(engine: Command, { context, finish }: CommandDeps): void {
  const command = subcommand(engine, 'eval', 'run the cases of evaluations.yaml')
    .description('Runs every case and checks what comes out.')
    .option('--tag <tag>', 'only cases with this tag; give it again for more', collect)
    .option('--json', 'the report as one JSON object');
  addMock(command).action(async (dir: string, flags: EvaluateFlags) => {
    const { evaluateEngine } = await import('../actions/evaluate-engine.ts');
    finish(await evaluateEngine(context, dir, flags));
  });
}

function defineInspect(engine: Command, { context, finish }: CommandDeps): void {
  subcommand(engine, 'inspect', 'show tasks that were run')
    .description(
      'Lists the tasks in the state folder, or shows one: its nodes, tool calls, errors and children.',
    )
    .argument('[task]', 'id of a task (default: all, one a line)')
    .option('--project <id>', 'tasks of another project', 'default')
    .option('--json', 'one JSON object')
    .action(async (dir: string, taskId: string | undefined, flags: InspectFlags) => {
      const { inspectEngine } = await import('../actions/inspect-engine.ts');
      finish(await inspectEngine(context, { dir, taskId }, flags));
    });
}

function defineQueue(engine: Command, { context, finish }: CommandDeps): void {
  const command = subcommand(engine, 'queue', 'run many tasks')
    .description(
      'Runs inputs in their order, as many at once as scheduler.yaml says. One that fails stops no other.',
    )
    .addOption(
      new Option(
        '--input <json>',
        'an input as JSON, @FILE with a list of them (.jsonl: one a line), or - for standard input, one a line as they come; give it again for more',
      )
        .argParser(collect)
        .makeOptionMandatory(),
    )
    .option('--start <node>', 'another start node than the default one')
    .option('--json', 'results as newline-delimited JSON');
  addExamples(addMock(command), [
    [`agentswarm engine queue config --input '"one"' --input '"two"'`, 'two tasks'],
    ['agentswarm engine queue config --input @requests.json', 'a list'],
  ]).action(async (dir: string, flags: QueueFlags) => {
    const { runQueue } = await import('../actions/run-queue.ts');
    finish(await runQueue(context, dir, flags));
  });
}

function defineRepl(engine: Command, { context, finish }: CommandDeps): void {
  const command = subcommand(engine, 'repl', 'a conversation')
    .description('Runs a task for every line typed; lines with a slash are commands. Plain text when piped.')
    .option('--profile <id>', 'profile of cli_profiles.yaml (default: the first)')
    .option('--all-sessions', 'start with the history of every session, not only the most recent');
  addMock(command).action(async (dir: string, flags: ConverseFlags) => {
    const { converse } = await import('../actions/converse.ts');
    finish(await converse(context, dir, flags));
  });
}

function defineHealthcheck(engine: Command, { context, finish }: CommandDeps): void {
  subcommand(engine, 'healthcheck', 'report whether it could work, for probes')
    .description('Prints a JSON report. Exit codes: 0 healthy or degraded, 1 unhealthy.')
    .option('--directory <dir>', 'a folder that must be writable; give it again for more', collect)
    .option('--strict', 'exit code 2 when degraded')
    .action(async (dir: string, flags: HealthFlags) => {
      const { checkEngine } = await import('../actions/check-engine.ts');
      finish(await checkEngine(context, dir, flags));
    });
}

function subcommand(engine: Command, name: string, summary: string): Command {
  return engine.command(name).summary(summary).argument('<dir>', 'folder of the manifests');
}

function addMock(command: Command): Command {
  return command.option(
    '--mock <file>',
    'answers of this file instead of a model: {"answers": {"NODE": REPLY}}',
  );
}
