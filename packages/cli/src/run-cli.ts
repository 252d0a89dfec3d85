import type { CliContext } from './context.ts';
import { readInvocation } from './env.ts';
import type { ExitCode } from './exit-codes.ts';
import { runProgram } from './program.ts';
import { readVersion } from './version.ts';

/**
 * Runs one `agentswarm` command line in this process: its environment, its directory, its streams and
 * signals, unless `overrides` replaces them. Resolves to the exit code; never throws and never exits.
 *
 * @example
 * const exitCode = await runCli(['status', '--json']);
 */
export async function runCli(
  argv: readonly string[],
  overrides: Partial<CliContext> = {},
): Promise<ExitCode> {
  const outputClosed = overrides.outputClosed ?? watchOutput();
  return runProgram(argv, {
    ...readInvocation(),
    openStdin: () => process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signals: process,
    exit: (code) => process.exit(code),
    version: readVersion(),
    composeRun: async (options) => (await import('./compose-run.ts')).composeRun(options),
    ...overrides,
    outputClosed,
  });
}

/** A reader that goes away (`… | head`, `… 2>&1 | head`) ends what only prints; it must not break a run. */
function watchOutput(): AbortSignal {
  const closed = new AbortController();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed.abort();
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return closed.signal;
}
