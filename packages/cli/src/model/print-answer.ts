import type { Completion, StreamPart } from '@agentswarm/llm-client';
import type { CliContext } from '../context.ts';
import { selectPaint } from '../view/paint.ts';
import { toTerminalText } from '../view/terminal-text.ts';

/** Models begin an answer with empty lines once they have thought. */
function withoutBlankLines(text: string): string {
  return text.trim() === '' ? '' : text.replace(/^\s*\n/, '');
}

/**
 * Prints an answer as it comes. Thoughts are dimmed on a terminal and left out elsewhere, so that a file gets the answer
 * only. Returns what the stream ends with.
 */
export async function printAnswer(
  { stdout, env }: Pick<CliContext, 'stdout' | 'env'>,
  parts: AsyncIterable<StreamPart>,
): Promise<Completion | undefined> {
  const isTerminal = stdout.isTTY === true;
  const paint = selectPaint(stdout, env);
  const write = (text: string) => void stdout.write(isTerminal ? toTerminalText(text) : text);
  let last: 'text' | 'reasoning' | undefined;
  let atLineStart = true;
  const say = (text: string) => {
    atLineStart = text.endsWith('\n');
    write(text);
  };
  let completion: Completion | undefined;
  try {
    for await (const part of parts) {
      if (part.type === 'end') completion = part.completion;
      else if (part.type === 'tool_call') say(`${part.call.name}(${part.call.arguments})\n`);
      else if (part.type === 'text') {
        const text = last === 'text' ? part.text : withoutBlankLines(part.text);
        if (text === '') continue;
        if (last === 'reasoning') say(atLineStart ? '\n' : '\n\n');
        last = 'text';
        say(text);
      } else if (isTerminal) {
        last = 'reasoning';
        atLineStart = part.text.endsWith('\n');
        stdout.write(paint('dim', toTerminalText(part.text)));
      }
    }
    return completion;
  } finally {
    if (!atLineStart) stdout.write('\n');
  }
}
