import { allChecks } from './checks/all-checks.ts';
import { besideSlowest } from './checks/beside-slowest.ts';
import type { Check } from './checks/check.ts';
import { repositoryRoot } from './checks/run-tool.ts';
import { runPythonTests } from './run-python-tests.ts';
import { folderWithGit, versionOfGit } from './second-git.ts';
import { runStep } from './run-step.ts';
import { runVitest } from './run-vitest.ts';
import { addTallies, EMPTY_TALLY, renderTally } from './tally.ts';
import type { Tally } from './tally.ts';

// What `npm test` does: every check, every test, and one last line that sums them up.
const deep = process.argv.includes('--deep');
const tallies: Tally[] = [];

heading('Checks');
for (const check of besideSlowest(allChecks, repositoryRoot)) tallies.push(await runCheck(check));
heading(`Tests${deep ? ' (deep)' : ''}, ${await versionOfGit()}`);
// Those of the Python side mostly wait for time to pass, and do so beside the others.
tallies.push(
  ...(await Promise.all([runVitest(repositoryRoot, { deep }), runPythonTests(repositoryRoot, { deep })])),
);
// Whatever talks to git is tested with a second one too, when GIT_UNDER_TEST names it.
const secondGit = process.env['GIT_UNDER_TEST'];
if (secondGit !== undefined && secondGit !== '') tallies.push(await testWithGit(secondGit));
heading('Result');
const total = addTallies(tallies);
process.exitCode = total.failures.length === 0 ? 0 : 1;
process.stdout.write(renderTally(total));

async function testWithGit(program: string): Promise<Tally> {
  heading(`Tests of git and merge-queue, ${await versionOfGit(program)} (GIT_UNDER_TEST)`);
  await using folder = await folderWithGit(program);
  const only = ['packages/git/', 'packages/merge-queue/'];
  return await runVitest(repositoryRoot, { deep, only, programs: folder.path });
}

async function runCheck({ title, run }: Check): Promise<Tally> {
  const { ok, skipped } = await runStep(title, () => run(repositoryRoot));
  if (skipped !== undefined) {
    return { ...EMPTY_TALLY, skips: [{ test: `check: ${title}`, reason: skipped }] };
  }
  return ok ? { ...EMPTY_TALLY, passed: 1 } : { ...EMPTY_TALLY, failures: [`check: ${title}`] };
}

function heading(text: string): void {
  process.stdout.write(`\n== ${text}\n`);
}
