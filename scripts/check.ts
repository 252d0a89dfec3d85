import { allChecks } from './checks/all-checks.ts';
import { besideSlowest } from './checks/beside-slowest.ts';
import { repositoryRoot } from './checks/run-tool.ts';
import { runStep } from './run-step.ts';

// `node scripts/check.ts [NAME…]` runs the named checks, or all of them.
const names = process.argv.slice(2);
const known = new Set(allChecks.map(({ name }) => name));
const unknown = names.filter((name) => !known.has(name));

if (unknown.length > 0) {
  process.stderr.write(`unknown check: ${unknown.join(', ')}; there are ${[...known].join(', ')}\n`);
  process.exitCode = 2;
} else {
  const failed: string[] = [];
  const wanted = allChecks.filter(({ name }) => names.length === 0 || names.includes(name));
  for (const check of besideSlowest(wanted, repositoryRoot)) {
    const { ok } = await runStep(check.title, () => check.run(repositoryRoot));
    if (!ok) failed.push(check.name);
  }
  process.stdout.write(failed.length === 0 ? '\nAll checks passed.\n' : `\nFailed: ${failed.join(', ')}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
