import type { SignalSource } from './context.ts';

/** What ending at once may take before the process ends all the same. */
const END_GRACE_MS = 2000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface InterruptOptions {
  /** `process`, or a stand-in. */
  readonly signals: SignalSource;
  /** Tells the person what a further Ctrl-C does. */
  readonly say: (message: string) => void;
  /** Ends the process when even the second Ctrl-C was not the last. */
  readonly exit: (code: number) => void;
  /** Called when disposed after a signal: the process is about to end, and one more must not change its exit code. */
  readonly afterStop?: () => void;
  /** How long the work may take to end after the second Ctrl-C; default 2000. */
  readonly endGraceMs?: number;
}

/** Ctrl-C, counted: the first asks to stop, the second ends the work at once, a third ends the process. */
export interface Interrupt extends Disposable {
  readonly graceful: AbortSignal;
  readonly now: AbortSignal;
}

/** Listens until disposed; afterwards signals have their default effect again. */
export function listenForInterrupt(options: InterruptOptions): Interrupt {
  const graceful = new AbortController();
  const now = new AbortController();
  let lastResort: NodeJS.Timeout | undefined;
  const onSignal = () => {
    if (!graceful.signal.aborted) {
      options.say('stopping: work in progress is being ended; press Ctrl-C again to end at once');
      graceful.abort(new DOMException('interrupted', 'AbortError'));
    } else if (!now.signal.aborted) {
      options.say('ending at once');
      now.abort(new DOMException('interrupted twice', 'AbortError'));
      lastResort = setTimeout(() => options.exit(130), options.endGraceMs ?? END_GRACE_MS);
    } else {
      options.exit(130);
    }
  };
  for (const name of SIGNALS) options.signals.on(name, onSignal);
  return {
    graceful: graceful.signal,
    now: now.signal,
    [Symbol.dispose]() {
      clearTimeout(lastResort);
      for (const name of SIGNALS) options.signals.off(name, onSignal);
      if (graceful.signal.aborted) options.afterStop?.();
    },
  };
}
