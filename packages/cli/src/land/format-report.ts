import { formatDuration, formatList, formatQuantity } from '../view/format.ts';
import type { Paint } from '../view/paint.ts';
import { toTerminalLine } from '../view/terminal-text.ts';
import { hasLandedAll, type LandReport } from './land-report.ts';

const MAX_TAIL_LINES = 15;

/** A report as lines for people. Pure. */
export function formatReport(report: LandReport, paint: Paint): string[] {
  const { landed, conflicted, ejected, refused, waiting = [] } = report;
  const total = landed.length + conflicted.length + ejected.length + refused.length + waiting.length;
  const verb = report.dryRun === true ? 'would land' : 'landed';
  const style = hasLandedAll(report) ? 'green' : 'yellow';
  const text = (line: string) => toTerminalLine(line);
  return [
    paint(
      style,
      total === 0
        ? 'Nothing to land'
        : `${landed.length} of ${total === 1 ? '1 branch' : `${total} branches`} ${verb}`,
    ),
    ...landed.flatMap(landedLines).map(text),
    ...conflicted.map(({ branch, paths }) => text(`  conflicted  ${branch}: ${formatList(paths)}`)),
    ...ejected.flatMap(ejectedLines).map(text),
    ...refused.map(({ branch, message, reason, paths = [] }) =>
      text(
        `  refused     ${branch}: ${message ?? reason}${paths.length === 0 ? '' : `: ${formatList(paths)}`}`,
      ),
    ),
    ...(waiting.length === 0 ? [] : [text(`  waiting     ${formatList(waiting)}`)]),
    ...(report.stopped === undefined ? [] : [text(`  stopped     ${report.stopped.message}`)]),
    '',
    text(endLine(report)),
  ];
}

function landedLines({ branch, resolvedBy = [], dropped = [] }: LandReport['landed'][number]): string[] {
  if (resolvedBy.length === 0) return [];
  return [
    `  resolved    ${branch}: by ${formatList(resolvedBy)}`,
    ...dropped.map((what) => `              dropped ${what}`),
  ];
}

function ejectedLines({ branch, command, reason, outputTail = '' }: LandReport['ejected'][number]): string[] {
  const tail = outputTail.trimEnd().split('\n').slice(-MAX_TAIL_LINES);
  return [
    `  ejected     ${branch}: \`${command}\`: ${reason}`,
    ...(outputTail.trim() === '' ? [] : tail.map((line) => `              ${line}`)),
  ];
}

function endLine({ target, before, after, gated, dryRun, gateRuns, durationMs }: LandReport): string {
  const moved =
    before === after
      ? `at ${after.slice(0, 12)}, not moved`
      : `${before.slice(0, 12)} → ${after.slice(0, 12)}`;
  const how =
    dryRun === true ? 'a dry run: no gate, no resolver, nothing changed' : gateText(gated, gateRuns);
  return `${target} ${moved}; ${how}; ${formatDuration(durationMs)}`;
}

function gateText(gated: boolean, gateRuns: number): string {
  return gated ? formatQuantity(gateRuns, 'gate run') : 'landed without a gate: nothing was tested';
}
