import type { CliContext } from '../context.ts';

/** Resolves at the first SIGINT or SIGTERM, when what serves is to be closed. */
export function untilSignal({ signals, afterStop }: CliContext): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      signals.off('SIGINT', end);
      signals.off('SIGTERM', end);
      afterStop?.();
      done();
    };
    signals.on('SIGINT', end);
    signals.on('SIGTERM', end);
  });
}
