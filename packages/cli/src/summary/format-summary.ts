import type { EndpointReport } from '@agentswarm/core';
import { formatCount, formatDuration, formatList, formatQuantity } from '../view/format.ts';
import { plainPaint, type Paint, type Style } from '../view/paint.ts';
import { toTerminalLine } from '../view/terminal-text.ts';
import { budgetLines, costText, reroutedText } from './format-money.ts';
import type { Setback } from './setbacks.ts';
import { describeResolvedPath } from '../view/describe-event.ts';
import type { RunSummary } from './summarize.ts';

const HEADLINES: Readonly<Record<RunSummary['outcome'], { text: string; style: Style }>> = {
  goal_met: { text: 'Goal met', style: 'green' },
  not_met: { text: 'Ended without meeting the goal', style: 'red' },
  paused: { text: 'Paused', style: 'yellow' },
  interrupted: { text: 'Interrupted', style: 'yellow' },
  unfinished: { text: 'Not finished', style: 'yellow' },
};

export interface FormatSummaryOptions {
  /** Default: no colours. */
  readonly paint?: Paint;
  /** Commands to try the result with, for example `npm run dev`. */
  readonly tryCommands?: readonly string[];
}

/** A summary as lines for people. Pure. */
export function formatSummary(summary: RunSummary, options: FormatSummaryOptions = {}): string[] {
  const { paint = plainPaint, tryCommands = [] } = options;
  const headline = HEADLINES[summary.outcome];
  const row: Row = (label, text) => `  ${paint('dim', label.padEnd(11))}${toTerminalLine(text)}`;
  return [
    paint(headline.style, toTerminalLine(`${headline.text}: ${summary.reason}`)),
    '',
    row('run', runText(summary)),
    row('features', featuresText(summary)),
    row('tasks', tasksText(summary)),
    row('attempts', attemptsText(summary)),
    ...summary.setbacks.map((setback) => row('', describeSetback(setback))),
    ...resolvedLines(summary).map((line, index) => row(index === 0 ? 'resolved' : '', line)),
    row('tokens', tokensText(summary)),
    ...optionalRow(row, 'cost', costText(summary)),
    ...budgetLines(summary).map((line, index) => row(index === 0 ? 'budget' : '', line)),
    ...optionalRow(row, 'rerouted', reroutedText(summary)),
    ...summary.endpoints.map((endpoint) =>
      row('model', describeEndpoint(endpoint, summary.endpoints.length)),
    ),
    row(
      'wall time',
      `${formatDuration(summary.metrics.wallMs)}, ${summary.metrics.landings.perHour.toFixed(1)} landings per hour`,
    ),
    row('isolation', summary.isolation),
    row('repository', repositoryText(summary)),
    ...tryLines(summary, tryCommands).map((line, index) => row(index === 0 ? 'try it' : '', line)),
    ...warningLines(summary, row),
  ];
}

type Row = (label: string, text: string) => string;

function optionalRow(row: Row, label: string, text: string | undefined): string[] {
  return text === undefined ? [] : [row(label, text)];
}

function runText({ runId, metrics, resumes }: RunSummary): string {
  const resumed = resumes === 0 ? '' : `, resumed ${formatQuantity(resumes, 'time')}`;
  return `${runId}, ${formatQuantity(metrics.planningRounds, 'planning round')}${resumed}`;
}

function featuresText({ features, metrics }: RunSummary): string {
  const open = features.filter((feature) => feature.status !== 'landed').map((feature) => feature.id);
  const missing = open.length === 0 ? '' : `; not landed: ${formatList(open, 6)}`;
  return `${metrics.features.landed} of ${metrics.features.total} landed${missing}`;
}

function tasksText({ metrics: { tasks } }: RunSummary): string {
  return [
    `${tasks.landed} of ${tasks.planned} landed`,
    ...counted(tasks.failed, 'given up'),
    ...counted(tasks.cancelled, 'cancelled'),
    ...counted(tasks.open, 'open'),
  ].join(', ');
}

function attemptsText({ metrics: { attempts } }: RunSummary): string {
  return [
    `${attempts.started} started`,
    ...counted(attempts.landed, 'landed'),
    ...counted(attempts.conflicted, 'conflicted'),
    ...counted(attempts.ejected, 'ejected'),
    ...counted(attempts.refused, 'refused'),
    ...counted(attempts.failed, 'failed'),
    ...counted(attempts.abandoned, 'abandoned'),
  ].join(', ');
}

function counted(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}`];
}

/** `vec3: conflicted (src/engine/index.ts), landed on attempt 2`. */
export function describeSetback(setback: Setback): string {
  const { taskId, outcome, files, command, reason, ending } = setback;
  const why = files.length > 0 ? formatList(files) : (command ?? reason);
  return `${taskId}: ${outcome} (${why}), ${ending}`;
}

/** `barrel.1: src/index.ts by union; package.json by package.json (dropped …)`. */
function resolvedLines({ resolved }: RunSummary): string[] {
  return resolved.map(({ ticket, paths }) => `${ticket}: ${paths.map(describeResolvedPath).join('; ')}`);
}

function tokensText({ metrics: { model } }: RunSummary): string {
  const roles = Object.entries(model.byRole).map(
    ([role, usage]) =>
      `${role} ${formatCount(usage.promptTokens)} in, ${formatCount(usage.completionTokens)} out`,
  );
  const total = `${formatCount(model.promptTokens)} in, ${formatCount(model.completionTokens)} out`;
  const failed = model.failedCalls === 0 ? '' : `, ${model.failedCalls} failed`;
  const estimated =
    model.estimatedCalls === 0 ? '' : ` (${formatQuantity(model.estimatedCalls, 'call')} estimated)`;
  const byRole = roles.length < 2 ? '' : `: ${roles.join('; ')}`;
  return `${total} in ${formatQuantity(model.calls, 'call')}${failed}${estimated}${byRole}`;
}

function repositoryText({ repository: { remote, mainBranch, main } }: RunSummary): string {
  return `${remote}, ${mainBranch} at ${main.slice(0, 10)}`;
}

function tryLines({ repository }: RunSummary, tryCommands: readonly string[]): string[] {
  return [`git clone ${quote(repository.remote)} result && cd result`, ...tryCommands];
}

function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function warningLines(summary: RunSummary, row: Row): string[] {
  const warnings = summary.notices.filter((notice) => notice.level !== 'info');
  return [...new Set(warnings.map((notice) => notice.message))].map((message) => row('note', message));
}

/** With several endpoints, which of them; two may serve one model. */
function describeEndpoint({ name, model, ownedBy }: EndpointReport, count: number): string {
  const described = `${model}, owned by ${ownedBy}`;
  return count === 1 ? described : `${name}: ${described}`;
}
