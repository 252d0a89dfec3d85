import { Engine } from '@agentswarm/dag-engine/engine';
import { print, printJson, type CliContext } from '../context.ts';
import { setUpEngine } from '../engine/engine-setup.ts';
import { formatProblems, problemsOf, type ConfigProblem } from '../engine/format-problems.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { formatQuantity } from '../view/format.ts';
import { selectPaint } from '../view/paint.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

export interface ValidateFlags {
  readonly json?: boolean;
}

/** What became of looking at a directory. */
interface Verdict {
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly string[];
  readonly node_count: number | null;
}

/** `agentswarm engine validate DIR`: everything that is wrong at once; 2 when something is. */
export async function validateEngine(
  context: CliContext,
  dir: string,
  { json }: ValidateFlags,
): Promise<ExitCode> {
  await using setup = await setUpEngine(context, dir);
  const { configDir, options } = setup;
  const verdict = await judge(configDir, options);
  const valid = verdict.problems.length === 0;
  if (json === true) printJson(context, { valid, ...verdict });
  else print(context, formatVerdict(context, verdict));
  return valid ? EXIT_CODES.goalMet : EXIT_CODES.usage;
}

async function judge(
  configDir: string,
  options: Parameters<typeof Engine.validateConfigDir>[1],
): Promise<Verdict> {
  try {
    const { warnings, node_count, failed_credentials } = await Engine.validateConfigDir(configDir, options);
    const missing = failed_credentials.map((id) => `credential "${id}" is not to be had here`);
    return { problems: [], warnings: [...warnings, ...missing], node_count };
  } catch (error) {
    const problems = problemsOf(error);
    if (problems === undefined) throw error;
    return { problems, warnings: [], node_count: null };
  }
}

function formatVerdict(context: CliContext, { problems, warnings, node_count }: Verdict): string[] {
  const paint = selectPaint(context.stdout, context.env);
  if (problems.length > 0) {
    return [
      paint('red', formatQuantity(problems.length, 'problem')),
      ...formatProblems(problems).map(toTerminalLine),
    ];
  }
  return [
    ...warnings.map((warning) => `${paint('yellow', 'warning')}: ${toTerminalLine(warning)}`),
    paint('green', `valid: ${formatQuantity(node_count ?? 0, 'node')}`),
  ];
}
