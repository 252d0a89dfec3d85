import { describe, expect, it } from 'vitest';
import { countPassedTests, hasNoTests } from './count-tests.ts';

describe('countPassedTests', () => {
  it.each([
    ['jest', 'Tests:       1 skipped, 5 passed, 6 total\nTime:        1 s', 5],
    ['vitest with failures', '      Tests  2 failed | 3 passed (5)', 3],
    ['mocha', '\n  12 passing (34ms)\n  1 pending', 12],
    ['unittest', 'Ran 7 tests in 0.001s\n\nOK', 7],
    ['cargo test, unit and documentation', ok(4) + ok(2), 6],
    ['pytest with skips', '=== 1 skipped, 2 passed, 1 warning in 0.01s ===', 2],
    ['colours', '\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m40 passed\u001b[39m\u001b[22m (40)', 40],
    ['two kinds, which may tell the same tests', '2 passed in 0.01s\n# pass 3', 3],
    ['several packages', '# pass 3\n...\n# pass 4', 7],
    ['plain TAP', 'TAP version 13\n1..3\nok 1\nok 2 - b # SKIP\nok 3 - c', 2],
    ['TAP in TAP', 'TAP version 13\n    ok 1\n    ok 2\n    1..2\nok 1 - both\nok 2 - alone\n1..2', 3],
    ['TAP with diagnostics', 'TAP version 13\nok 1\n  ---\n  ok: ok 1\n  ...\nok 2\n1..2', 2],
  ])('reads %s', (_title, output, count) => {
    expect(countPassedTests(output)).toBe(count);
  });

  it.each(['', 'all good', 'ok, 5 files', '5 passed', 'a: 5 passing'])('finds no number in %j', (output) => {
    expect(countPassedTests(output)).toBeUndefined();
  });
});

describe('hasNoTests', () => {
  it.each([
    ['prove', 0, '1..0 # SKIP nothing here', true],
    ['node --test', 0, 'TAP version 13\n1..0\n# tests 0\n# pass 0', true],
    ['npm test', 0, '# tests 0\n...\n# tests 4', false],
    ['pytest -q', 5, 'no tests ran in 0.00s', true],
    ['python3 -m pytest tests', 5, '', true],
    ['python -m unittest', 5, 'NO TESTS RAN', true],
    ['make pytests', 5, '', false],
    ['pytest', 1, '1..0', false],
    ['true', 0, '', false],
    ['echo', 0, 'we have 1..0 and # tests 0 here', false],
  ])('%s ended with %i: %j', (command, exitCode, output, expected) => {
    expect(hasNoTests({ command, exitCode, output })).toBe(expected);
  });
});

function ok(count: number): string {
  return `test result: ok. ${count} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n`;
}
