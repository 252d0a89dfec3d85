import { remoteTip, getCurrentBranch, resolveRef } from '@agentswarm/git';
import { readBackendSettings } from '../backends/backend-settings.ts';
import { secretsOf } from '../config/load-config.ts';
import { print, printJson, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { chooseBranches, type ChosenBranches } from '../land/choose-branches.ts';
import { dryRun } from '../land/dry-run.ts';
import { formatReport } from '../land/format-report.ts';
import { importHeads } from '../land/import-heads.ts';
import type { LandFlags } from '../land/land-flags.ts';
import { hasLandedAll, reportLanding, type LandReport } from '../land/land-report.ts';
import { openRepository, type LandRepository } from '../land/open-repository.ts';
import { parseSettings } from '../land/queue-policy.ts';
import { runLanding } from '../land/run-landing.ts';
import { createLogging } from '../logging/create-logging.ts';
import { readHostSettings } from '../runs/host-settings.ts';
import { createEventsView, createPlainView, createSilentView } from '../view/line-views.ts';
import { selectPaint } from '../view/paint.ts';

/** `agentswarm land [BRANCH…]`. */
export async function landBranches(
  context: CliContext,
  names: readonly string[],
  flags: LandFlags,
): Promise<ExitCode> {
  const settings = parseSettings(flags);
  const patterns = flags.branches ?? [];
  if (names.length + patterns.length === 0) {
    throw new CliError('CLI_USAGE', "name the branches to land, or a pattern such as --branches 'worker/*'");
  }
  const repository = await openRepository(context.directory, flags);
  const { refs, target } = repository;
  const chosen = chooseBranches({ refs, target, patterns, names });
  using interrupt = listenForInterrupt({
    signals: context.signals,
    say: (message) => void context.stderr.write(`${message}\n`),
    exit: context.exit,
    ...(context.afterStop ? { afterStop: context.afterStop } : {}),
  });
  const land = flags.dryRun === true ? tryOut : landForGood;
  const report = await land(context, { repository, chosen, settings, flags, signal: interrupt.graceful });
  await tellReport(context, report, { flags, repository });
  if (interrupt.graceful.aborted) return EXIT_CODES.interrupted;
  return hasLandedAll(report) ? EXIT_CODES.goalMet : EXIT_CODES.notMet;
}

interface LandRequest {
  readonly repository: LandRepository;
  readonly chosen: ChosenBranches;
  readonly settings: ReturnType<typeof parseSettings>;
  readonly flags: LandFlags;
  readonly signal: AbortSignal;
}

async function landForGood(context: CliContext, request: LandRequest): Promise<LandReport> {
  const { repository, chosen, settings, flags, signal } = request;
  const startedAtMs = Date.now();
  const backendSettings = await readBackendSettings(context, { ...settings, directory: repository.root });
  const secrets = secretsOf(backendSettings);
  using logging = createLogging({
    level: 'info',
    secrets: repository.credential === undefined ? secrets : [...secrets, repository.credential.token],
    shownLevel: 'warn',
    show: (line) => void context.stderr.write(`${line}\n`),
  });
  const events = await runLanding({
    repository,
    settings,
    backendSettings,
    signal,
    branches: chosen.found,
    id: `land-${startedAtMs.toString(36)}-${process.pid}`,
    host: await readHostSettings(context.env),
    view: viewOf(context, flags),
    logger: logging.logger,
  });
  return reportLanding({
    events,
    target: repository.target,
    before: repository.tip,
    after: (await currentTip(repository)) ?? repository.tip,
    gated: settings.gates.length > 0,
    durationMs: Date.now() - startedAtMs,
    unknown: chosen.unknown,
  });
}

async function tryOut(_context: CliContext, request: LandRequest): Promise<LandReport> {
  const { repository, chosen, signal } = request;
  const startedAtMs = Date.now();
  await using _heads = await importHeads(repository, chosen.found, signal);
  const outcome = await dryRun(repository, chosen.found);
  const { target, tip } = repository;
  const empty = reportLanding({
    events: [],
    target,
    before: tip,
    after: tip,
    gated: false,
    durationMs: Date.now() - startedAtMs,
    unknown: chosen.unknown,
  });
  const refused = [...empty.refused, ...outcome.refused];
  return { ...empty, ...outcome, refused, dryRun: true };
}

function viewOf(context: CliContext, { json, events }: LandFlags) {
  if (json === true) return createSilentView(context);
  return events === true ? createEventsView(context) : createPlainView(context);
}

async function currentTip({ root, remote, credential, target }: LandRepository) {
  if (remote === undefined) return await resolveRef({ repository: root, ref: `refs/heads/${target}` });
  const access = credential === undefined ? {} : { credential };
  return await remoteTip({ repository: root, remote, branch: target, ...access });
}

async function tellReport(
  context: CliContext,
  report: LandReport,
  { flags, repository }: Pick<LandRequest, 'flags' | 'repository'>,
): Promise<void> {
  if (flags.json === true) printJson(context, report);
  else if (flags.events !== true)
    print(context, ['', ...formatReport(report, selectPaint(context.stdout, context.env))]);
  const { root, isBare, remote, target } = repository;
  if (isBare || remote !== undefined || report.before === report.after) return;
  if ((await getCurrentBranch({ workdir: root })) !== target) return;
  context.stderr.write(
    `${target} is checked out in ${root}, and its files still are those of ${report.before.slice(0, 12)}; ` +
      'without changes of your own there, `git reset --hard` brings them up to date\n',
  );
}
