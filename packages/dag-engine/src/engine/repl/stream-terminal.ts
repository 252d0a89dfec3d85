import { createInterface, type Interface } from 'node:readline/promises';
import type { LineRead, ReplTerminal } from './repl-terminal.ts';

/** The two streams, and what they are. */
export interface StreamTerminalOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Whether both ends are a terminal: prompts, line editing and completion, else plain text. */
  readonly isInteractive: boolean;
  /** What can be completed at the start of a line. Default nothing. */
  readonly words?: () => readonly string[];
  /** What the arrow keys bring back, oldest first; asked for with the first line. Default nothing. */
  readonly earlierLines?: () => readonly string[];
}

/** A person at two streams. Nothing is read before the first line is asked for. */
export function createStreamTerminal(options: StreamTerminalOptions): ReplTerminal {
  const { output, isInteractive } = options;
  const waiting: string[] = [];
  const listeners = new Set<() => void>();
  let lines: Interface | undefined;
  let hasEnded = false;
  let reader: ((read: LineRead) => void) | undefined;
  const tell = (read: LineRead) => {
    const told = reader;
    reader = undefined;
    told?.(read);
  };
  const open = () => {
    const opened = openLines(options);
    // Lines are taken as they come: piped input arrives faster than it is asked for.
    opened.on('line', (text) => {
      if (reader === undefined) waiting.push(text);
      else tell({ kind: 'line', text });
    });
    opened.on('close', () => {
      hasEnded = true;
      tell({ kind: 'end' });
    });
    opened.on('SIGINT', () => {
      for (const listener of listeners) listener();
      if (reader !== undefined) dropLine(opened);
      tell({ kind: 'interrupted' });
    });
    return opened;
  };
  return {
    isInteractive,
    async readLine(prompt) {
      lines ??= open();
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
    print: (line) => void output.write(`${harmless(line)}\n`),
    onInterrupt(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
    [Symbol.asyncDispose]: async () => lines?.close(),
  };
}

function openLines(options: StreamTerminalOptions): Interface {
  const { input, output, isInteractive, words = () => [], earlierLines = () => [] } = options;
  return createInterface({
    input,
    output,
    terminal: isInteractive,
    // Newest first.
    history: [...earlierLines()].toReversed(),
    completer: (line: string): [string[], string] => [words().filter((word) => word.startsWith(line)), line],
  });
}

/** Takes back what was typed of a line: by the keys for it, there is no other way. */
function dropLine(lines: Interface): void {
  for (const name of ['e', 'u']) lines.write(null, { ctrl: true, name });
}

/** Text of models, tools and files must not move the cursor, colour the terminal or reorder what a person reads. */
function harmless(text: string): string {
  return text
    .replaceAll(/[^\P{Cc}\t\n]/gu, ' ')
    .replaceAll(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');
}
