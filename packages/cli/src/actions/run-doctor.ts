import { createRedactor, resolveConfig, toSwarmError } from '@agentswarm/core';
import { loadConfig, secretsOf, type LoadedConfig } from '../config/load-config.ts';
import { print, printJson, type CliContext } from '../context.ts';
import { fail, ok, warn, type CheckResult } from '../doctor/check.ts';
import { checkAgent } from '../doctor/agent-check.ts';
import { checkBudget } from '../doctor/budget-check.ts';
import { checkEndpoints } from '../doctor/endpoint-check.ts';
import { checkDisk, checkGit, checkIsolation, checkNode } from '../doctor/machine-checks.ts';
import { checkModal, checkPython } from '../doctor/modal-checks.ts';
import { checkTarget } from '../doctor/target-checks.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { hintFor } from '../hints.ts';
import { selectPaint, type Style } from '../view/paint.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

export interface DoctorFlags {
  readonly target?: string;
  readonly json?: boolean;
}

/** `agentswarm doctor`: 0 when a run can work, 1 when something required is broken. */
export async function runDoctor(context: CliContext, flags: DoctorFlags): Promise<ExitCode> {
  const results = await runChecks(context, flags);
  const broken = results.some((result) => result.status === 'fail');
  if (flags.json === true) printJson(context, { v: 1, ok: !broken, checks: results });
  else
    print(
      context,
      results.flatMap((result) => formatCheck(context, result)),
    );
  return broken ? EXIT_CODES.notMet : EXIT_CODES.goalMet;
}

async function runChecks(context: CliContext, flags: DoctorFlags): Promise<CheckResult[]> {
  const { env, directory } = context;
  const { loaded, result } = await tryConfig(context, flags);
  const config = loaded?.config ?? resolveConfig([]);
  const tried = await Promise.all([
    checkGit(env),
    checkPython(config, env),
    // Sandboxes on Modal need none here.
    ...(config.sandboxBackend === 'modal' ? [] : [checkIsolation(env, config.isolation)]),
    checkDisk(loaded?.targetPath ?? directory),
  ]);
  const machine = [checkNode(process.version), ...tried];
  if (loaded === undefined) return [...machine, result];
  const own = await Promise.all([
    checkEndpoints(loaded.config),
    checkBudget(loaded.config),
    checkTarget(loaded.targetPath, loaded.config, env),
    checkAgent(loaded.targetPath, loaded.config, env),
  ]);
  const modal = checkModal(loaded.config, env);
  const redact = createRedactor(secretsOf(loaded.config));
  return [...machine, result, ...modal, ...own.flat()].map((check) => ({
    ...check,
    detail: redact(check.detail),
  }));
}

async function tryConfig(
  context: CliContext,
  flags: DoctorFlags,
): Promise<{ readonly loaded?: LoadedConfig; readonly result: CheckResult }> {
  try {
    const loaded = await loadConfig(context, flags.target === undefined ? {} : { target: flags.target });
    return { loaded, result: ok('config', `read for ${loaded.targetPath}`) };
  } catch (thrown) {
    const error = toSwarmError(thrown);
    const fix = hintFor(error) ?? 'correct the configuration';
    const missing = error.code === 'CLI_TARGET_NOT_FOUND' && flags.target === undefined;
    return { result: (missing ? warn : fail)('config', error.message, fix) };
  }
}

const LABELS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const;
const STYLES: Readonly<Record<CheckResult['status'], Style>> = { ok: 'green', warn: 'yellow', fail: 'red' };

function formatCheck(context: CliContext, { name, status, detail, fix }: CheckResult): string[] {
  const paint = selectPaint(context.stdout, context.env);
  const line = `${paint(STYLES[status], LABELS[status])}  ${name.padEnd(9)}  ${toTerminalLine(detail)}`;
  return fix === undefined ? [line] : [line, `                 fix: ${fix}`];
}
