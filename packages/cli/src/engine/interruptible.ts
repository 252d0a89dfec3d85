import type { CliContext } from '../context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { listenForInterrupt, type Interrupt } from '../interrupt.ts';

/** What code of a workflow may still hold open after a run was interrupted. */
const LEAVE_AFTER_MS = 1000;

/** Lets Ctrl-C end what an engine runs; dispose it when that has ended. */
export function interruptible(context: CliContext): Interrupt {
  const interrupt = listenForInterrupt({
    signals: context.signals,
    say: (message) => void context.stderr.write(`${message}\n`),
    exit: context.exit,
    ...(context.afterStop ? { afterStop: context.afterStop } : {}),
  });
  return {
    ...interrupt,
    [Symbol.dispose]() {
      interrupt[Symbol.dispose]();
      // A tool that does not listen to its signal must not keep the process; the timer itself does not.
      if (interrupt.graceful.aborted) {
        setTimeout(() => context.exit(EXIT_CODES.interrupted), LEAVE_AFTER_MS).unref();
      }
    },
  };
}
