import { toSwarmError } from '@agentswarm/core';
import type { CliContext } from '../context.ts';

/**
 * Resolves at the first SIGINT or SIGTERM, when what serves is to be closed; rejects with the reason of `broken` when
 * that is aborted before.
 */
export function untilSignal(
  { signals, afterStop }: Pick<CliContext, 'signals' | 'afterStop'>,
  broken?: AbortSignal,
): Promise<void> {
  return new Promise((done, fail) => {
    const stopListening = () => {
      signals.off('SIGINT', onSignal);
      signals.off('SIGTERM', onSignal);
      broken?.removeEventListener('abort', onBroken);
    };
    const onSignal = () => {
      stopListening();
      afterStop?.();
      done();
    };
    const onBroken = () => {
      stopListening();
      fail(toSwarmError(broken?.reason));
    };
    signals.on('SIGINT', onSignal);
    signals.on('SIGTERM', onSignal);
    broken?.addEventListener('abort', onBroken);
    if (broken?.aborted === true) onBroken();
  });
}
