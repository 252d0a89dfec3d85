import { createStreamTerminal, Engine, type Repl } from '@agentswarm/dag-engine/engine';
import type { CliContext } from '../context.ts';
import { describeAnswers } from '../engine/answering-model.ts';
import { concludeModels } from '../engine/conclude-models.ts';
import { setUpEngine, type ModelFlags } from '../engine/engine-setup.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { tellWarnings } from './run-engine.ts';

export interface ConverseFlags extends ModelFlags {
  readonly profile?: string;
  readonly allSessions?: boolean;
}

/** `agentswarm engine repl DIR`: a conversation, until /quit or the end of the input. */
export async function converse(context: CliContext, dir: string, flags: ConverseFlags): Promise<ExitCode> {
  await using setup = await setUpEngine(context, dir, flags);
  const { configDir, options, answers } = setup;
  await using engine = await Engine.fromConfigDir(configDir, options);
  tellWarnings(context, engine);
  const input = context.openStdin();
  // The terminal comes first; what it completes is known with the conversation.
  const opened: { repl?: Repl } = {};
  await using terminal = createStreamTerminal({
    input,
    output: context.stdout,
    isInteractive: input.isTTY === true && context.stdout.isTTY === true,
    words: () => opened.repl?.words ?? [],
    earlierLines: () => opened.repl?.typedLines ?? [],
  });
  const repl = await engine.createRepl({
    terminal,
    ...(flags.profile === undefined ? {} : { profileId: flags.profile }),
    allSessions: flags.allSessions === true,
  });
  opened.repl = repl;
  await repl.run();
  if (answers !== undefined && answers.givenCount > 0) terminal.print(describeAnswers(answers));
  const code = setup.access.waiting === undefined ? EXIT_CODES.goalMet : EXIT_CODES.notMet;
  return concludeModels(context, setup.access, code);
}
