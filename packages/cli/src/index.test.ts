import { expect, it } from 'vitest';
import * as surface from './index.ts';

it('exports what is documented and nothing else', () => {
  expect(Object.keys(surface).toSorted()).toMatchInlineSnapshot(`
    [
      "CliError",
      "EXIT_CODES",
      "formatSummary",
      "runCli",
      "summarizeRun",
    ]
  `);
});
