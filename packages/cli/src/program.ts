import { Command, CommanderError } from 'commander';
import { defineAttempts } from './commands/attempts.ts';
import { defineDemo } from './commands/demo.ts';
import { defineDoctor } from './commands/doctor.ts';
import { defineEngine } from './commands/engine.ts';
import { defineGateway } from './commands/gateway.ts';
import { defineGenerate } from './commands/generate.ts';
import { defineGraph } from './commands/graph.ts';
import { defineInfra } from './commands/infra.ts';
import { defineInit } from './commands/init.ts';
import { defineLand } from './commands/land.ts';
import { defineLog } from './commands/log.ts';
import { defineModel } from './commands/model.ts';
import { defineResume } from './commands/resume.ts';
import { defineRun } from './commands/run.ts';
import { defineSandbox } from './commands/sandbox.ts';
import { defineStats } from './commands/stats.ts';
import { defineStatus } from './commands/status.ts';
import { defineStop } from './commands/stop.ts';
import { addExamples } from './commands/options.ts';
import type { CliContext } from './context.ts';
import { EXIT_CODES, type ExitCode } from './exit-codes.ts';

/** In the order of the help text. Definitions are light; each loads what it does only when it runs. */
const DEFINITIONS = [
  defineRun,
  defineDemo,
  defineResume,
  defineStatus,
  defineLog,
  defineAttempts,
  defineStats,
  defineStop,
  defineLand,
  defineSandbox,
  defineInit,
  defineDoctor,
  defineModel,
  defineGenerate,
  defineGateway,
  defineInfra,
  defineEngine,
  defineGraph,
];

/** Runs one command line (without program name) to its end and returns its exit code. Never throws. */
export async function runProgram(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  let code: ExitCode = EXIT_CODES.goalMet;
  const program = createProgram(context, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.goalMet : EXIT_CODES.usage;
    const { presentError } = await import('./present-error.ts');
    return presentError(context, error);
  }
}

function createProgram(context: CliContext, finish: (code: ExitCode) => void): Command {
  // Subcommands inherit these settings when they are created, so they come first.
  const program = new Command('agentswarm')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    })
    .showHelpAfterError('(see --help)')
    .description('Turns a specification into landed, verified commits with a swarm of coding agents.')
    .version(context.version)
    .helpCommand('help [command]', 'help for a command');
  for (const define of DEFINITIONS) define(program, { context, finish });
  addExamples(program, [
    ['agentswarm demo', 'see it work, without a key'],
    ['agentswarm init && agentswarm run', 'on a repository of your own'],
  ]).addHelpText(
    'after',
    '\nExit codes: 0 goal met, 1 not met, 2 usage or configuration, 3 paused or out of budget, 130 interrupted.',
  );
  return program;
}
