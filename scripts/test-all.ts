import { allChecks } from './checks/all-checks.ts';
import type { Check } from './checks/check.ts';
import { repositoryRoot } from './checks/run-tool.ts';
import { runPythonTests } from './run-python-tests.ts';
import { runStep } from './run-step.ts';
import { runVitest } from './run-vitest.ts';
import { addTallies, EMPTY_TALLY, renderTally } from './tally.ts';
import type { Tally } from './tally.ts';

// What `npm test` does: every check, every test, and one last line that sums them up.
const deep = process.argv.includes('--deep');
const tallies: Tally[] = [];

heading('Checks');
for (const check of allChecks) tallies.push(await runCheck(check));
heading(deep ? 'Tests (deep)' : 'Tests');
tallies.push(await runVitest(repositoryRoot, { deep }));
tallies.push(await runPythonTests(repositoryRoot));
heading('Result');
const total = addTallies(tallies);
process.exitCode = total.failures.length === 0 ? 0 : 1;
process.stdout.write(renderTally(total));

async function runCheck({ title, run }: Check): Promise<Tally> {
  const { ok } = await runStep(title, () => run(repositoryRoot));
  return ok ? { ...EMPTY_TALLY, passed: 1 } : { ...EMPTY_TALLY, failures: [`check: ${title}`] };
}

function heading(text: string): void {
  process.stdout.write(`\n== ${text}\n`);
}
