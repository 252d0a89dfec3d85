import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

export interface CommandResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Node options before the program: loaders that plant faults. */
  readonly nodeArguments?: readonly string[];
  /** Hears standard output as it comes. */
  readonly onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the unmodified command from source and waits for its end. */
export function runAgentswarm(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const child = spawn(
    process.execPath,
    ['--conditions=@agentswarm/source', ...(options.nodeArguments ?? []), ENTRY, ...args],
    { env: cleanEnvironment(options.env ?? {}), cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    options.onOutput?.(text, (signal) => child.kill(signal));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
}

/** What a machine needs to reach a package registry, besides finding programs. */
const KEPT = /^(PATH|HOME|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|npm_config_(registry|cafile))$/i;

/** The test's own settings only: none of the developer's. */
function cleanEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => KEPT.test(entry[0]) && entry[1] !== undefined,
  );
  return { HOME: '/', ...Object.fromEntries(kept), NO_COLOR: '1', ...env };
}
