import { print, printJson, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { readModelSettings, type ModelFlags } from '../model/model-settings.ts';
import { runInterruptible } from '../model/run-interruptible.ts';
import { surveyEndpoints, type SurveyedEndpoint, type SurveyedModel } from '../model/survey-endpoints.ts';
import { formatAbilities, formatPrice } from '../view/model-facts.ts';
import { selectPaint, type Paint } from '../view/paint.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

export interface ListFlags extends ModelFlags {
  readonly json?: boolean;
}

/** `agentswarm model list`: what is configured, what of it answers and with which models; 1 when nothing does. */
export async function listModels(context: CliContext, flags: ListFlags): Promise<ExitCode> {
  const settings = await readModelSettings(context, flags);
  return await runInterruptible(context, async (signal) => {
    const endpoints = await surveyEndpoints(settings, signal);
    if (flags.json === true) printJson(context, { v: 1, endpoints: endpoints.map(toJson) });
    else {
      const paint = selectPaint(context.stdout, context.env);
      print(
        context,
        endpoints.flatMap((endpoint) => linesOf(endpoint, paint)),
      );
    }
    return endpoints.some(({ isUp }) => isUp) ? EXIT_CODES.goalMet : EXIT_CODES.notMet;
  });
}

function linesOf({ name, url, tier, isUp, problem, models }: SurveyedEndpoint, paint: Paint): string[] {
  const state = isUp ? paint('green', 'up') : paint('red', 'out');
  const about = problem === undefined ? '' : `: ${toTerminalLine(problem)}`;
  const width = Math.max(0, ...models.map((model) => model.name.length));
  return [
    `${paint('bold', name)}  ${url}  tier ${tier}  ${state}${about}`,
    ...models.map((model) => {
      const mark = model.isDefault ? '*' : ' ';
      const facts = `${formatAbilities(model.entry)}, ${formatPrice(model.price)}`;
      return `  ${mark} ${toTerminalLine(model.name).padEnd(width)}  ${paint('dim', facts)}`;
    }),
  ];
}

function toJson({ models, ...endpoint }: SurveyedEndpoint) {
  return { ...endpoint, models: models.map(modelToJson) };
}

/** A model that is not in the catalogue has no abilities, one without a price none. */
function modelToJson({ name, isDefault, entry, price }: SurveyedModel) {
  return {
    name,
    isDefault,
    ...(entry === undefined
      ? {}
      : {
          contextWindow: entry.contextWindow,
          toolCalls: entry.toolCalls,
          thinking: entry.thinking.mode,
          source: entry.source,
        }),
    ...(price === undefined ? {} : { price }),
  };
}
