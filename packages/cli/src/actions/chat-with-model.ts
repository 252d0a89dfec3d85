import type { ChatMessage } from '@agentswarm/llm-client';
import type { CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { converseWithModel, type Chat } from '../model/converse-with-model.ts';
import { readModelSettings } from '../model/model-settings.ts';
import { openModelClient, type ClientFlags } from '../model/open-model-client.ts';
import { printAnswer } from '../model/print-answer.ts';
import { readPrompt } from '../model/read-prompt.ts';
import { runInterruptible } from '../model/run-interruptible.ts';
import { formatSpendCount } from '../model/spend-count.ts';

export interface ChatFlags extends ClientFlags {
  readonly system?: string;
  /** False with `--no-thinking`. */
  readonly thinking: boolean;
}

/** `agentswarm model chat [PROMPT]`: one answer, or a conversation where a person sits at both ends. */
export async function chatWithModel(
  context: CliContext,
  prompt: string | undefined,
  flags: ChatFlags,
): Promise<ExitCode> {
  const isConversation =
    prompt === undefined && context.openStdin().isTTY === true && context.stdout.isTTY === true;
  const question = isConversation ? undefined : await readPrompt(context, prompt ?? '-');
  const opening: ChatMessage[] =
    flags.system === undefined ? [] : [{ role: 'system', content: await readPrompt(context, flags.system) }];
  const settings = await readModelSettings(context, flags);
  await using client = await openModelClient(settings, flags);
  const chat: Chat = { llm: client.llm, opening, thinking: flags.thinking ? {} : { thinking: false } };
  try {
    return question === undefined
      ? await converseWithModel(context, chat)
      : await answerOnce(context, chat, question);
  } finally {
    context.stderr.write(`${formatSpendCount(client.spent())}\n`);
  }
}

function answerOnce(context: CliContext, chat: Chat, question: string): Promise<ExitCode> {
  return runInterruptible(context, async (signal) => {
    const messages: ChatMessage[] = [...chat.opening, { role: 'user', content: question }];
    const parts = chat.llm.stream({ role: 'worker', messages, ...chat.thinking, signal });
    const completion = await printAnswer(context, parts);
    if (completion?.finishReason !== 'length') return EXIT_CODES.goalMet;
    context.stderr.write('the answer was cut: LLM_MAX_TOKENS or --max-tokens allow no more\n');
    return EXIT_CODES.notMet;
  });
}
