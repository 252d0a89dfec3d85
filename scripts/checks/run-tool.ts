import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this repository, whose tools also check the toy repositories of the tests. */
export const repositoryRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const BIN = join(repositoryRoot, 'node_modules', '.bin');

/** What a finished tool said and how it ended; a signal counts as exit code 128. */
export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly output: string;
}

/** How to run a tool: where, and what to add to the environment. */
export interface ToolOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command with the repository's own tools first on PATH, and waits for it. */
export function runTool(command: readonly string[], { cwd, env }: ToolOptions): Promise<ToolResult> {
  const [file = '', ...args] = command;
  const PATH = [BIN, process.env['PATH']].join(delimiter);
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? 128, stdout, output }));
  });
}
