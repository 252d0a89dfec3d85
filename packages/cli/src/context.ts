import type { ComposeRun } from './runs/compose.ts';

/** A stream a command prints to; `process.stdout` is one. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** A stream a command reads from; `process.stdin` is one. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Where SIGINT and SIGTERM come from; `process` is one. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** Everything a command may touch of the world outside, so that tests can replace it. */
export interface CliContext {
  /** Absolute path of the directory the command was typed in; relative paths resolve against it. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called only by what reads: a standard input that nobody opened keeps no process alive. */
  readonly openStdin: () => Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly signals: SignalSource;
  /** Aborts when the reader of stdout has gone away (`agentswarm log | head`). */
  readonly outputClosed: AbortSignal;
  /** Ends the process at once; the last resort of a third Ctrl-C. */
  readonly exit: (code: number) => void;
  /** Called when a run was stopped by a signal and the process is about to end. */
  readonly afterStop?: () => void;
  readonly version: string;
  readonly composeRun: ComposeRun;
}

/** Prints lines to stdout. */
export function print(context: Pick<CliContext, 'stdout'>, lines: string | readonly string[]): void {
  const text = typeof lines === 'string' ? lines : lines.join('\n');
  context.stdout.write(`${text}\n`);
}

/** Prints one JSON value, indented, to stdout. */
export function printJson(context: Pick<CliContext, 'stdout'>, value: unknown): void {
  print(context, JSON.stringify(value, null, 2));
}
