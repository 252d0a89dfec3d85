import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromProblems, type Check, type CheckResult } from './check.ts';
import { runTool } from './run-tool.ts';

const REFERENCE = 'docs/engine/api';

/** The generated API reference is what the sources say now. */
export const referenceCheck: Check = {
  name: 'reference',
  title: 'Generated API reference (typedoc)',
  async run(root) {
    const folder = await mkdtemp(join(tmpdir(), 'agentswarm-reference-'));
    try {
      return await compare(root, folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function compare(root: string, folder: string): Promise<CheckResult> {
  const { exitCode, output } = await runTool(['typedoc', '--out', folder], { cwd: root });
  if (exitCode !== 0) return { ok: false, report: output };
  const committed = join(root, REFERENCE);
  const names = new Set([...filesOf(folder), ...filesOf(committed)]);
  const stale = [...names].filter((name) => textOf(join(folder, name)) !== textOf(join(committed, name)));
  return fromProblems(
    stale.map((name) => `${REFERENCE}/${name} is not what the sources say: npm run docs:api`),
  );
}

function filesOf(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
