/** A test that was not run, and why. */
export interface Skip {
  readonly test: string;
  readonly reason: string;
}

/** How many tests of one part ended how. */
export interface Tally {
  readonly passed: number;
  /** One line for each failure. */
  readonly failures: readonly string[];
  readonly skips: readonly Skip[];
}

export const EMPTY_TALLY: Tally = { passed: 0, failures: [], skips: [] };

/** Adds up the parts of a test run. */
export function addTallies(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failures: tallies.flatMap(({ failures }) => failures),
    skips: tallies.flatMap(({ skips }) => skips),
  };
}

/** A part in which nothing was tested has failed: an empty run proves nothing. */
export function requireTests(tally: Tally, part: string): Tally {
  if (tally.passed + tally.failures.length > 0) return tally;
  return { ...tally, failures: [`${part}: no test was executed`] };
}

/** Renders failures and skips for a reader, ending with the one line that sums up the run. */
export function renderTally({ passed, failures, skips }: Tally): string {
  const sections = [
    ...section('Failed:', failures),
    ...section(
      'Skipped:',
      skips.map(({ test, reason }) => `${test}: ${reason}`),
    ),
  ];
  return [...sections, `${passed} passed, ${failures.length} failed, ${skips.length} skipped`, ''].join('\n');
}

function section(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [heading, ...lines.map((line) => `  ${line}`), ''];
}
