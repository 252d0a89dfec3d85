import type { CliContext } from '../context.ts';
import { interruptible } from '../engine/interruptible.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';

/** Does work that ends when Ctrl-C is pressed, with exit code 130, or when nobody reads its output any more. */
export async function runInterruptible(
  context: CliContext,
  work: (signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  using interrupt = interruptible(context);
  try {
    return await work(AbortSignal.any([interrupt.graceful, context.outputClosed]));
  } catch (error) {
    if (interrupt.graceful.aborted) return EXIT_CODES.interrupted;
    if (context.outputClosed.aborted) return EXIT_CODES.goalMet;
    throw error;
  }
}
