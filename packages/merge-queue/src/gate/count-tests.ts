import { stripVTControlCharacters } from 'node:util';

/** How one kind of runner tells its tests. */
interface Runner {
  /** What says how many passed; the first group is the number. */
  readonly passed: RegExp;
  /** What says how many there were, in a form made for programs. */
  readonly found?: RegExp;
}

/** One line each, of the summary at the end of a run. */
const RUNNERS: readonly Runner[] = [
  // node --test, as TAP and as people see it.
  { passed: /^# pass (\d+)$/gm, found: /^# tests (\d+)$/gm },
  { passed: /^ℹ pass (\d+)$/gm, found: /^ℹ tests (\d+)$/gm },
  // vitest, jest, mocha
  { passed: /^ *Tests +(?:[^\n]*\| )?(\d+) passed\b/gm },
  { passed: /^Tests: +(?:[^\n]*, )?(\d+) passed\b/gm },
  { passed: /^ *(\d+) passing \(/gm },
  // pytest, unittest, cargo test
  { passed: /^(?:=+ )?(?:[^\n]*, )?(\d+) passed\b[^\n]* in [\d.]+s/gm },
  { passed: /^Ran (\d+) tests? in [\d.]+s$/gm },
  { passed: /^test result: \w+\. (\d+) passed;/gm },
];

/** Programs that end with 5 when they found no test, and never otherwise. */
const ENDS_WITH_5 = /(?:^|[\s/])(?:pytest|py\.test|unittest)(?=\s|$)/;

/** What a command was and how it ended, with all that was kept of its output. */
export interface CommandOutput {
  readonly command: string;
  readonly exitCode: number;
  readonly output: string;
}

/**
 * Counts the tests that passed, by the output of the runner. Several runs of one kind of runner add up;
 * of several kinds, which may tell the same tests, the largest counts. Undefined when nothing tells.
 */
export function countPassedTests(output: string): number | undefined {
  const text = stripVTControlCharacters(output);
  const counts = [
    ...RUNNERS.map(({ passed }) => sumOf(text, passed)),
    countGoTests(text, ['pass']),
    countTapPoints(text),
  ].filter((count) => count !== undefined);
  return counts.length === 0 ? undefined : Math.max(...counts);
}

/** Whether a runner says, in a form made for programs, that there was no test at all. */
export function hasNoTests({ command, exitCode, output }: CommandOutput): boolean {
  if (exitCode !== 0) return exitCode === 5 && ENDS_WITH_5.test(command);
  const text = stripVTControlCharacters(output);
  const counts = [
    ...RUNNERS.map(({ found }) => found && sumOf(text, found)),
    countGoTests(text, ['pass', 'fail', 'skip']),
    sumOf(text, /^1\.\.(\d+)\b/gm),
  ].filter((count) => count !== undefined);
  return counts.length > 0 && Math.max(...counts) === 0;
}

function sumOf(text: string, pattern: RegExp): number | undefined {
  const numbers = [...text.matchAll(pattern)].map(([, number]) => Number(number));
  return numbers.length === 0 ? undefined : numbers.reduce((sum, number) => sum + number, 0);
}

/** Counts events of `go test -json`; undefined when there are none of any test or package. */
function countGoTests(text: string, actions: readonly string[]): number | undefined {
  const events = text.match(/^\{"Time":"[^"]*","Action":"\w+","Package":"[^"]*"[^\n]*/gm);
  return events?.filter((event) => {
    const [, action = ''] = /"Action":"(\w+)"/.exec(event) ?? [];
    return actions.includes(action) && event.includes(',"Test":"');
  }).length;
}

/** Counts the points of a TAP document that passed and hold no others; undefined when it is none. */
function countTapPoints(text: string): number | undefined {
  if (!/^TAP version \d+$/m.test(text) && !/^1\.\.\d+\b/m.test(text)) return undefined;
  const points = tapPointsOf(text);
  return points.filter((point, index) => {
    // What stands deeper just before belongs to this point; vitest puts it after an opening brace instead.
    const before = points[index - 1];
    const holdsOthers = point.opens || (before && !before.opens && before.depth > point.depth);
    return point.passed && !holdsOthers;
  }).length;
}

function tapPointsOf(text: string) {
  const withoutDiagnostics = text.replaceAll(/^( *)---\n[^]*?^\1\.\.\.$/gm, '');
  return [...withoutDiagnostics.matchAll(/^( *)(ok|not ok)\b(.*)$/gm)].map(
    ([, indent, verdict, rest = '']) => ({
      depth: indent?.length ?? 0,
      passed: verdict === 'ok' && !/# (?:skip|todo)\b/i.test(rest),
      opens: rest.endsWith('{'),
    }),
  );
}
