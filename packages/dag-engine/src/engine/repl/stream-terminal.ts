import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import type { LineRead, ReplTerminal } from './repl-terminal.ts';

export interface StreamTerminalOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Whether both ends are a terminal: prompts, line editing and completion, else plain text. */
  readonly isInteractive: boolean;
  /** What can be completed at the start of a line. Default nothing. */
  readonly words?: () => readonly string[];
}

/** A person at two streams. */
export function createStreamTerminal(options: StreamTerminalOptions): ReplTerminal {
  const { input, output, isInteractive, words = () => [] } = options;
  const lines = createInterface({
    input,
    output,
    terminal: isInteractive,
    completer: (line: string): [string[], string] => [words().filter((word) => word.startsWith(line)), line],
  });
  const waiting: string[] = [];
  const listeners = new Set<() => void>();
  let hasEnded = false;
  let reader: ((read: LineRead) => void) | undefined;
  const tell = (read: LineRead) => {
    const told = reader;
    reader = undefined;
    told?.(read);
  };
  // Lines are taken as they come: piped input arrives faster than it is asked for.
  lines.on('line', (text) => {
    if (reader === undefined) waiting.push(text);
    else tell({ kind: 'line', text });
  });
  lines.on('close', () => {
    hasEnded = true;
    tell({ kind: 'end' });
  });
  lines.on('SIGINT', () => {
    for (const listener of listeners) listener();
    tell({ kind: 'interrupted' });
  });
  return {
    isInteractive,
    async readLine(prompt) {
      const next = waiting.shift();
      if (next !== undefined) return { kind: 'line', text: next };
      if (hasEnded) return { kind: 'end' };
      const { promise, resolve } = Promise.withResolvers<LineRead>();
      reader = resolve;
      if (isInteractive) {
        lines.setPrompt(prompt);
        lines.prompt();
      }
      return await promise;
    },
    print: (line) => output.write(`${line}\n`),
    onInterrupt(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
    [Symbol.asyncDispose]: async () => lines.close(),
  };
}
