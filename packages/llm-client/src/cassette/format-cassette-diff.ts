import type { AnswerDifference, CassetteDiff, TimingSummary } from './diff-cassettes.ts';
import type { NumberedExchange } from './exchange-selector.ts';

const EXCERPT_CHARS = 80;

/** A difference of cassettes as lines for people: first the counts, then one exchange after the other. */
export function formatCassetteDiff(diff: CassetteDiff): string {
  const { onlyInA, onlyInB, changed, same, timing } = diff;
  return [
    `${same} the same, ${changed.length} answered differently, ${onlyInA.length} only in a, ${onlyInB.length} only in b`,
    `median time to head and end: ${formatTiming(timing.a)} in a, ${formatTiming(timing.b)} in b`,
    ...onlyInA.map((exchange) => `only in a: ${title(exchange)}`),
    ...onlyInB.map((exchange) => `only in b: ${title(exchange)}`),
    ...changed.flatMap(({ a, b, differences }) => [
      `answers differ: ${title(a)}, in b ${b.number}`,
      ...differences.flatMap(formatDifference),
    ]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function title({ number, exchange }: NumberedExchange): string {
  const { model, endpoint, request } = exchange;
  return `exchange ${number} (${request.method} ${request.path}, ${model === '' ? '' : `${model} at `}${endpoint})`;
}

function formatDifference({ kind, a, b }: AnswerDifference): readonly string[] {
  const [left, right] = [excerpt(a), excerpt(b)];
  // Alike for longer than an excerpt: what differs is further on.
  if (left === right) return [`  ${kind}: ${left} in both, and then not the same`];
  return [`  ${kind}: ${left}`, `  ${' '.repeat(kind.length)}→ ${right}`];
}

function excerpt(value: unknown): string {
  const text = value === undefined ? 'none' : JSON.stringify(value);
  return text.length > EXCERPT_CHARS ? `${text.slice(0, EXCERPT_CHARS).toWellFormed()}…` : text;
}

function formatTiming(timing: TimingSummary | undefined): string {
  return timing === undefined ? 'none' : `${timing.headMs} and ${timing.totalMs} ms`;
}
