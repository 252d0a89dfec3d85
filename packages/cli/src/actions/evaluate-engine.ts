import { Engine } from '@agentswarm/dag-engine/engine';
import { print, printJson, type CliContext } from '../context.ts';
import { describeAnswers } from '../engine/answering-model.ts';
import { concludeModels } from '../engine/conclude-models.ts';
import { setUpEngine, type ModelFlags } from '../engine/engine-setup.ts';
import { formatEvaluation, hasPassed } from '../engine/format-evaluation.ts';
import { interruptible } from '../engine/interruptible.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { selectPaint } from '../view/paint.ts';

export interface EvaluateFlags extends ModelFlags {
  readonly tag?: readonly string[];
  readonly json?: boolean;
}

/** `agentswarm engine eval DIR`: runs the cases of evaluations.yaml; 1 when one fails or cannot be judged. */
export async function evaluateEngine(
  context: CliContext,
  dir: string,
  flags: EvaluateFlags,
): Promise<ExitCode> {
  using interrupt = interruptible(context);
  await using setup = await setUpEngine(context, dir, flags);
  const { configDir, options, answers } = setup;
  await using engine = await Engine.fromConfigDir(configDir, options);
  const report = await engine.createEvaluator().evaluateSuites(engine.loadEvaluations(), {
    signal: interrupt.graceful,
    ...(flags.tag === undefined ? {} : { tags: flags.tag }),
  });
  // Nothing checked is nothing passed.
  if (report.totals.total === 0) throw nothingToEvaluate(configDir, flags.tag);
  if (flags.json === true) printJson(context, report);
  else {
    const paint = selectPaint(context.stdout, context.env);
    print(context, formatEvaluation(report, { paint, failuresOf: (taskId) => failuresOf(engine, taskId) }));
  }
  if (answers !== undefined && answers.givenCount > 0) {
    const out = flags.json === true ? context.stderr : context.stdout;
    out.write(`${describeAnswers(answers)}\n`);
  }
  if (interrupt.graceful.aborted) return EXIT_CODES.interrupted;
  const code = hasPassed(report) ? EXIT_CODES.goalMet : EXIT_CODES.notMet;
  return concludeModels(context, setup.access, code);
}

function failuresOf(engine: Engine, taskId: string): string[] {
  const { history = [] } = engine.getTask(taskId) ?? {};
  return history.flatMap(({ node_id, error }) =>
    error === null ? [] : [`node ${node_id}: ${error.message}`],
  );
}

function nothingToEvaluate(configDir: string, tags: readonly string[] | undefined): CliError {
  const which = tags === undefined ? 'no case' : `no case with the tag ${tags.join(' or ')}`;
  return new CliError('CLI_NOTHING_TO_EVALUATE', `${configDir} has ${which} to evaluate`);
}
