import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Check, CheckResult } from './check.ts';
import { repositoryRoot, runTool } from './run-tool.ts';

const CONFIG = join(repositoryRoot, '.dependency-cruiser.cjs');
const FOLDERS = ['packages', 'tests', 'examples'];

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
}

/** Packages import only what the layer table allows, through their front doors, without cycles. */
export const boundariesCheck: Check = {
  name: 'boundaries',
  title: 'Package boundaries and cycles (dependency-cruiser)',
  run: cruise,
};

async function cruise(root: string): Promise<CheckResult> {
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const result = await runTool(['depcruise', '--config', CONFIG, '--output-type', 'json', ...folders], {
    cwd: root,
  });
  if (!result.stdout.startsWith('{')) return { ok: false, report: result.output };
  const { summary } = JSON.parse(result.stdout) as Cruise;
  const problems = summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`);
  // A tool that could not read the sources finds no violation either.
  const sources = (JSON.parse(result.stdout) as { modules: { source: string }[] }).modules.filter(
    ({ source }) => /^packages\/.*\.ts$/.test(source),
  );
  if (sources.length === 0) problems.push('No module of any package was inspected.');
  return { ok: problems.length === 0 && result.exitCode === 0, report: problems.join('\n') };
}
