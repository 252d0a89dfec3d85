import type { GateFailure, ResolvedPath, RunEvent, RunEventOf } from '@agentswarm/core';
import { formatCount, formatDuration, formatList, formatQuantity } from './format.ts';
import { describePolicy, formatSpend, formatUsd } from './money.ts';
import { toTerminalLine } from './terminal-text.ts';

type Describe = { readonly [Type in RunEvent['type']]: (event: RunEventOf<Type>) => string };

const short = (sha: string) => sha.slice(0, 10);

function describeGateFailure(failure: GateFailure): string {
  const how =
    failure.exitCode === undefined ? (failure.problem ?? 'could not run') : `exit ${failure.exitCode}`;
  return `\`${failure.command}\`: ${how}`;
}

/** `package.json by package.json (dropped theirs: left-pad ^1.0.0)`: who decided a path that did not merge. */
export function describeResolvedPath({ path, resolver, dropped }: ResolvedPath): string {
  return `${path} by ${resolver}${dropped.length === 0 ? '' : ` (dropped ${formatList(dropped)})`}`;
}

/** Without a ticket it is main that is gated, as it is before the run. */
const gated = (tickets: readonly string[]) => (tickets.length === 0 ? 'main' : formatList(tickets));

const DESCRIBE: Describe = {
  run_started: ({ runId, target, features, gate, isolation }) =>
    `run ${runId} on ${target.path}: ${formatQuantity(features.length, 'feature')}, gate ${gate.length === 0 ? 'none' : gate.join(' && ')}, isolation ${isolation}`,
  run_resumed: ({ process }) => `run resumed by process ${process.pid}`,
  run_stopping: ({ message }) => `stopping: ${message}`,
  run_finished: ({ outcome, reason, main }) => `run ended: ${outcome} (${reason}), main at ${short(main)}`,
  notice_raised: ({ level, message }) => `${level}: ${message}`,
  feature_status_landed: ({ commit }) => `FEATURES.json updated on main at ${short(commit)}`,
  planning_started: ({ round, reason }) => `planning round ${round}: ${reason}`,
  planning_completed: ({ round, tasks, specMet }) =>
    `planned in round ${round}: ${
      tasks.length === 0
        ? 'no new task'
        : `${formatQuantity(tasks.length, 'task')}: ${formatList(
            tasks.map((task) => task.id),
            6,
          )}`
    }${specMet ? '; the planner says the specification is met' : ''}`,
  planning_failed: ({ round, message }) => `planning round ${round} failed: ${message}`,
  task_failed: ({ taskId, reason }) => `${taskId}: given up: ${reason}`,
  task_cancelled: ({ taskId, reason }) => `${taskId}: cancelled: ${reason}`,
  attempt_dispatched: ({ attemptId, base }) => `${attemptId}: started from ${short(base)}`,
  attempt_started: ({ attemptId, sandboxId }) => `${attemptId}: in sandbox ${sandboxId}`,
  attempt_progressed: ({ attemptId, phase, message }) => `${attemptId}: ${phase}: ${message}`,
  attempt_handed_off: ({ attemptId, files, handoff }) =>
    `${attemptId}: handed off ${formatQuantity(files.length, 'file')} after ${formatQuantity(handoff.metrics.toolCalls, 'tool call')}: ${handoff.summary}`,
  attempt_refused: ({ attemptId, reason, files }) => `${attemptId}: refused: ${reason}: ${formatList(files)}`,
  attempt_failed: ({ attemptId, reason, message }) => `${attemptId}: failed (${reason}): ${message}`,
  attempt_abandoned: ({ attemptId, reason }) => `${attemptId}: abandoned: ${reason}`,
  branch_queued: ({ ticket, head }) => `${ticket}: waits to land at ${short(head)}`,
  gate_started: ({ tickets, tree }) => `gate runs on ${gated(tickets)} (tree ${short(tree)})`,
  gate_finished: ({ tickets, verdict, durationMs, failure }) =>
    `gate ${verdict} for ${gated(tickets)} in ${formatDuration(durationMs)}${failure === undefined ? '' : `: ${describeGateFailure(failure)}`}`,
  landing_intended: ({ tickets, old, new: next }) =>
    `about to land ${formatList(tickets)}: ${short(old)} → ${short(next)}`,
  queue_opened: ({ epoch }) => `merge queue opened, epoch ${epoch}`,
  gate_flaked: ({ tickets, failure }) =>
    `gate flickers for ${gated(tickets)}: red, then green: ${describeGateFailure(failure)}`,
  batch_parked: ({ tickets, failure }) =>
    `red together, diagnosed beside the line: ${formatList(tickets)}: ${describeGateFailure(failure)}`,
  branch_landed: ({ ticket, commit, resolved = [] }) =>
    `${ticket}: landed as ${short(commit)}${resolved.map((path) => `; ${describeResolvedPath(path)}`).join('')}`,
  branch_conflicted: ({ ticket, files }) => `${ticket}: conflicted in ${formatList(files)}`,
  branch_ejected: ({ ticket, failure }) => `${ticket}: ejected, gate failed: ${describeGateFailure(failure)}`,
  branch_refused: ({ ticket, message, paths }) =>
    `${ticket}: refused: ${message}${paths.length === 0 ? '' : `: ${formatList(paths)}`}`,
  branch_cancelled: ({ ticket }) => `${ticket}: taken out of the merge queue`,
  branch_warned: ({ ticket, paths }) => `${ticket}: changes no commit of it explains: ${formatList(paths)}`,
  mirror_pushed: ({ mirror, commit }) => `mirror ${mirror} is at ${short(commit)}`,
  mirror_failed: ({ mirror, message }) => `mirror ${mirror} could not be pushed: ${message}`,
  queue_stopped: ({ code, message }) => `merge queue stopped (${code}): ${message}`,
  model_called: ({ role, attemptId, model, ok, httpStatus, promptTokens, completionTokens, costUsd }) =>
    `${attemptId ?? role}: model ${model} ${ok ? 'answered' : `failed (${httpStatus ?? 'no answer'})`}, ${formatCount(promptTokens)} in, ${formatCount(completionTokens)} out${costUsd === undefined ? '' : `, ${formatUsd(costUsd)}`}`,
  budget_reserved: ({ id, provider, attemptId, ...sum }) =>
    `${attemptId ?? 'run'}: up to ${formatSpend(sum)} set aside for ${provider} (${id})`,
  budget_settled: ({ id, ...sum }) => `${id} came to ${formatSpend(sum)}`,
  budget_policy_set: ({ policy }) => `budget: ${describePolicy(policy)}`,
  budget_exhausted: ({ message }) => `no money: ${message}`,
};

/** One line for people about an event. Never parsed by anything. */
export function describeEvent(event: RunEvent): string {
  const describe = DESCRIBE[event.type] as (event: RunEvent) => string;
  return toTerminalLine(describe(event));
}

const QUIET: ReadonlySet<RunEvent['type']> = new Set([
  'attempt_started',
  'attempt_progressed',
  'branch_queued',
  'gate_started',
  'landing_intended',
  'queue_opened',
  'mirror_pushed',
  'budget_reserved',
  'budget_settled',
]);

/** Whether an event belongs in the plain view: one line per thing worth telling. */
export function isNotable(event: RunEvent): boolean {
  if (event.type === 'model_called') return !event.ok;
  if (event.type === 'gate_finished') return event.verdict === 'fail' || event.verdict === 'could_not_run';
  return !QUIET.has(event.type);
}
