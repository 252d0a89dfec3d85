import { dirname, join } from 'node:path';
import { pythonSide } from '../python-side.ts';
import { fromProblems } from './check.ts';
import type { Check } from './check.ts';
import { repositoryRoot, runTool } from './run-tool.ts';

const CONFIG = join(repositoryRoot, 'infra', 'pyproject.toml');
/** Seen from `infra`, whose modules import each other by name. */
const FOLDERS = ['.', join('..', 'scripts')];

interface PyrightResult {
  readonly generalDiagnostics: readonly {
    readonly file: string;
    readonly message: string;
    readonly rule?: string;
    readonly range?: { readonly start: { readonly line: number } };
  }[];
  readonly summary: { readonly filesAnalyzed: number };
}

/** The Python sources are formatted, free of lint findings and fully typed, seen with the packages they import. */
export const pythonCheck: Check = {
  name: 'python',
  title: 'Python: format, lint, types (ruff, pyright)',
  async run(root) {
    const side = await pythonSide(repositoryRoot);
    if (side.status === 'unavailable') return { ok: true, report: '', skipped: side.reason };
    const ruff = join(dirname(side.python), 'ruff');
    const problems = [
      ...(await complaints(root, [ruff, 'format', '--check', '--quiet'])),
      ...(await complaints(root, [ruff, 'check', '--output-format', 'concise', '--quiet'])),
      ...(await typeProblems(root, side.python)),
    ];
    return fromProblems(problems);
  },
};

async function complaints(root: string, command: readonly string[]): Promise<readonly string[]> {
  const { exitCode, output } = await runTool([...command, '--no-cache', '--config', CONFIG, ...FOLDERS], {
    cwd: join(root, 'infra'),
  });
  return exitCode === 0 ? [] : [output.trimEnd()];
}

async function typeProblems(root: string, python: string): Promise<readonly string[]> {
  const command = ['pyright', '--project', join(root, 'infra'), '--pythonpath', python, '--outputjson'];
  const { stdout, output } = await runTool(command, { cwd: root });
  if (!stdout.startsWith('{')) return [output];
  const { generalDiagnostics, summary } = JSON.parse(stdout) as PyrightResult;
  if (summary.filesAnalyzed === 0) return ['pyright inspected no file.'];
  return generalDiagnostics.map(
    ({ file, message, rule = 'pyright', range }) =>
      `${file}:${(range?.start.line ?? 0) + 1}: ${rule}: ${message}`,
  );
}
