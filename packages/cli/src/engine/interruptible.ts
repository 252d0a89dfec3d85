import type { CliContext } from '../context.ts';
import { listenForInterrupt, type Interrupt } from '../interrupt.ts';

/** Lets Ctrl-C end what an engine runs; dispose it when that has ended. */
export function interruptible(context: CliContext): Interrupt {
  return listenForInterrupt({
    signals: context.signals,
    say: (message) => void context.stderr.write(`${message}\n`),
    exit: context.exit,
    ...(context.afterStop ? { afterStop: context.afterStop } : {}),
  });
}
