import { createStreamTerminal, type ReplTerminal } from '@agentswarm/dag-engine/engine';
import type { ChatMessage, LlmClient } from '@agentswarm/llm-client';
import type { CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { presentError } from '../present-error.ts';
import { printAnswer } from './print-answer.ts';

/** What a chat asks with. */
export interface Chat {
  readonly llm: LlmClient;
  /** The system prompt, if there is one. */
  readonly opening: readonly ChatMessage[];
  readonly thinking: { readonly thinking?: false };
}

const COMMANDS = ['/clear', '/quit'];

/** A conversation until /quit, the end of the input, or Ctrl-C twice. What Ctrl-C ended is forgotten. */
export async function converseWithModel(context: CliContext, chat: Chat): Promise<ExitCode> {
  await using terminal = createStreamTerminal({
    input: context.openStdin(),
    output: context.stdout,
    isInteractive: true,
    words: () => COMMANDS,
  });
  terminal.print('/clear forgets the conversation, /quit ends it; Ctrl-C ends an answer, twice everything');
  let said: readonly ChatMessage[] = [];
  let wasInterrupted = false;
  for (;;) {
    const read = await terminal.readLine('> ');
    if (read.kind === 'end') return EXIT_CODES.goalMet;
    if (read.kind === 'interrupted') {
      if (wasInterrupted) return EXIT_CODES.interrupted;
      wasInterrupted = true;
      terminal.print('Ctrl-C again leaves');
      continue;
    }
    wasInterrupted = false;
    const line = read.text.trim();
    if (line === '/quit') return EXIT_CODES.goalMet;
    if (line === '/clear') said = [];
    else if (line !== '') {
      const turn = await takeTurn({ context, chat, terminal }, [...said, { role: 'user', content: line }]);
      if (turn.kind === 'left') return EXIT_CODES.interrupted;
      if (turn.kind === 'answered') said = turn.said;
      wasInterrupted = turn.kind === 'interrupted';
    }
  }
}

type Turn =
  | { readonly kind: 'answered'; readonly said: readonly ChatMessage[] }
  | { readonly kind: 'interrupted' | 'left' | 'failed' };

async function takeTurn(
  {
    context,
    chat,
    terminal,
  }: { readonly context: CliContext; readonly chat: Chat; readonly terminal: ReplTerminal },
  said: readonly ChatMessage[],
): Promise<Turn> {
  const abort = new AbortController();
  let presses = 0;
  using _listening = terminal.onInterrupt(() => {
    presses += 1;
    abort.abort();
  });
  const messages = [...chat.opening, ...said];
  try {
    const parts = chat.llm.stream({ role: 'worker', messages, ...chat.thinking, signal: abort.signal });
    const completion = await printAnswer(context, parts);
    if (completion?.finishReason === 'length')
      terminal.print('(cut: LLM_MAX_TOKENS or --max-tokens allow no more)');
    return { kind: 'answered', said: [...said, { role: 'assistant', content: completion?.text ?? '' }] };
  } catch (error) {
    if (presses > 1) return { kind: 'left' };
    if (abort.signal.aborted) return { kind: 'interrupted' };
    presentError(context, error);
    return { kind: 'failed' };
  }
}
