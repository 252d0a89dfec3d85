import type { ExecHandle, ExecResult, SandboxLimit } from '@agentswarm/core';
import { startTimer } from '../../process/start-timer.ts';

/** After this long the end of the sandbox ends its commands, whatever they say. */
const PATIENCE_MS = 5_000;

/** Why commands are ended from outside. */
export type EndCause = 'aborted' | 'timed_out' | { readonly limit: SandboxLimit };

interface RunningCommand {
  readonly end: (cause: EndCause) => void;
  readonly result: Promise<ExecResult>;
}

/** Commands that can be ended together. */
export class RunningCommands {
  readonly #running = new Set<RunningCommand>();
  /** Of all handles of this process; holds these too. */
  readonly #all: RunningCommands | undefined;
  #ending: Promise<unknown> = Promise.resolve();

  constructor(all?: RunningCommands) {
    this.#all = all;
  }

  get isEmpty(): boolean {
    return this.#running.size === 0;
  }

  /** Starts a command that ends early when its signal says so, or `end` does. */
  start(signal: AbortSignal | undefined, start: (signal: AbortSignal) => ExecHandle): ExecHandle {
    const control = new AbortController();
    let cause: EndCause | undefined;
    const exec = start(AbortSignal.any([control.signal, ...(signal === undefined ? [] : [signal])]));
    const result = exec.result.then((told) => explain(told, cause));
    const command: RunningCommand = {
      result,
      end: (why) => {
        cause ??= why;
        control.abort();
      },
    };
    const sets = [this.#running, ...(this.#all === undefined ? [] : [this.#all.#running])];
    for (const set of sets) set.add(command);
    const forget = () => {
      for (const set of sets) set.delete(command);
    };
    result.then(forget, forget);
    return { lines: exec.lines, output: exec.output, result };
  }

  /** Resolves when all were ended that reached a limit: whatever runs meanwhile is killed. */
  get calm(): Promise<unknown> {
    return this.#ending;
  }

  /** Ends all for a limit that was reached; somebody else ends them by force until `over`. */
  endFor(limit: SandboxLimit, over: Promise<void>): Promise<void> {
    this.#ending = over;
    return this.end({ limit });
  }

  /** Ends all; resolves when they have ended, or will not without more force. */
  async end(cause: EndCause): Promise<void> {
    const running = [...this.#running];
    for (const command of running) command.end(cause);
    const patience = Promise.withResolvers<void>();
    const stop = startTimer(PATIENCE_MS, patience.resolve);
    await Promise.race([Promise.allSettled(running.map(({ result }) => result)), patience.promise]);
    stop();
  }
}

/** What we did to a command counts before what it reports, but it must have been there. */
function explain(told: ExecResult, cause: EndCause | undefined): ExecResult {
  if (cause === undefined || told.reason === 'lost' || told.reason === 'not_started') return told;
  const { exitCode: _code, signalName: _signal, ...rest } = told;
  return typeof cause === 'string'
    ? { ...rest, reason: cause }
    : { ...rest, reason: 'over_limit', limit: cause.limit };
}
