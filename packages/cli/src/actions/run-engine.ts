import { Engine, type Plugin, type RunResult } from '@agentswarm/dag-engine/engine';
import { print, printJson, type CliContext } from '../context.ts';
import { describeAnswers } from '../engine/answering-model.ts';
import { setUpEngine, type ModelFlags } from '../engine/engine-setup.ts';
import { concludeModels } from '../engine/conclude-models.ts';
import { findFailures } from '../engine/failed-records.ts';
import { formatRun, labelled } from '../engine/format-run.ts';
import { interruptible } from '../engine/interruptible.ts';
import { readInput } from '../engine/read-input.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { selectPaint } from '../view/paint.ts';

export interface RunEngineFlags extends ModelFlags {
  readonly input: string;
  readonly start?: string;
  readonly json?: boolean;
  readonly events?: boolean;
}

/** `agentswarm engine run DIR`: takes one input through the workflow; 1 when it fails. */
export async function runEngine(context: CliContext, dir: string, flags: RunEngineFlags): Promise<ExitCode> {
  const input = await readInput(context, flags.input);
  using interrupt = interruptible(context);
  await using setup = await setUpEngine(context, dir, flags);
  const { configDir, options, answers } = setup;
  const plugins = flags.events === true ? [createEventPrinter(context)] : [];
  await using engine = await Engine.fromConfigDir(configDir, { ...options, plugins });
  const result = await engine.run(input, flags.start, { signal: interrupt.graceful });
  const note = answers === undefined || answers.givenCount === 0 ? undefined : describeAnswers(answers);
  if (flags.events === true || flags.json === true) {
    if (flags.json === true) printJson(context, result);
    if (note !== undefined) context.stderr.write(`${note}\n`);
  } else {
    tellWarnings(context, engine);
    const lines = formatRun(result, findFailures(engine, result), selectPaint(context.stdout, context.env));
    print(context, [...lines, ...(note === undefined ? [] : [labelled('answers', note)])]);
  }
  if (interrupt.graceful.aborted) return EXIT_CODES.interrupted;
  return concludeModels(context, setup.access, exitCodeOfRuns([result]));
}

/** 1 when one of them failed; a run that is partial has done what it could. */
export function exitCodeOfRuns(results: readonly Pick<RunResult, 'status'>[]): ExitCode {
  const isDone = ({ status }: Pick<RunResult, 'status'>) => status === 'success' || status === 'partial';
  return results.every(isDone) ? EXIT_CODES.goalMet : EXIT_CODES.notMet;
}

/** Shows what in the manifests is odd without being wrong. */
export function tellWarnings({ stderr }: CliContext, { manifestWarnings }: Engine): void {
  for (const warning of manifestWarnings) stderr.write(`warning: ${warning}\n`);
}

/** Prints every event as it happens, as newline-delimited JSON. */
function createEventPrinter({ stdout }: CliContext): Plugin {
  return {
    pluginId: 'agentswarm engine run --events',
    onEvent: (event) => void stdout.write(`${JSON.stringify(event)}\n`),
  };
}
