import type { ReplEngine } from './repl-engine.ts';
import type { ReplTerminal } from './repl-terminal.ts';

/** An engine whose runs end when the person at the terminal interrupts. */
export function createInterruptibleEngine(
  engine: ReplEngine,
  terminal: Pick<ReplTerminal, 'onInterrupt'>,
): ReplEngine {
  const run = async <T>(
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    const abort = new AbortController();
    using _ = terminal.onInterrupt(() => abort.abort());
    return await work(signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal]));
  };
  return {
    run: (input, startNodeId, options) =>
      run((signal) => engine.run(input, startNodeId, { signal }), options?.signal),
    runQueued: (options) => run((signal) => engine.runQueued({ signal }), options?.signal),
    getEvents: () => engine.getEvents(),
    artifactsOfTask: (taskId) => engine.artifactsOfTask(taskId),
    enqueue: (input, startNodeId) => engine.enqueue(input, startNodeId),
    queuedTasks: () => engine.queuedTasks(),
  };
}
