import type { CliContext } from '../context.ts';
import { interruptible } from '../engine/interruptible.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';

/** Does work that Ctrl-C aborts; the exit code is 130 then, whatever the work came to. */
export async function runInterruptible(
  context: CliContext,
  work: (signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  using interrupt = interruptible(context);
  try {
    return await work(interrupt.graceful);
  } catch (error) {
    if (interrupt.graceful.aborted) return EXIT_CODES.interrupted;
    throw error;
  }
}
