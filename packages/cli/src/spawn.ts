import { execFile } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Default 30 000; the process is killed then. */
  readonly timeoutMs?: number;
}

/** How a command ended; a program that does not exist is an outcome, not an exception. */
export type CommandResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'not_started'; readonly problem: string };

/** Runs a program with arguments (no shell) to its end. stdin is empty, so it can never ask for a password. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { timeoutMs = 30_000, cwd, env, signal } = options;
  return new Promise((resolve) => {
    const child = execFile(
      file,
      [...args],
      {
        timeout: timeoutMs,
        maxBuffer: 16 * 1024 * 1024,
        ...(cwd === undefined ? {} : { cwd }),
        ...(env === undefined ? {} : { env: { ...env } }),
        ...(signal === undefined ? {} : { signal }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({ kind: 'exited', exitCode: 0, stdout, stderr });
        else if (typeof error.code === 'number') {
          resolve({ kind: 'exited', exitCode: error.code, stdout, stderr });
        } else {
          resolve({ kind: 'not_started', problem: error.killed ? 'did not end in time' : error.message });
        }
      },
    );
    child.stdin?.end();
  });
}
