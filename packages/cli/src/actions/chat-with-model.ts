import { createLlmClient, type ChatMessage, type LlmClient } from '@agentswarm/llm-client';
import type { CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { converseWithModel } from '../model/converse-with-model.ts';
import { modelsFor, readModelSettings, type ModelFlags } from '../model/model-settings.ts';
import { openModelBudget } from '../model/open-model-budget.ts';
import { parseCount } from '../model/parse-count.ts';
import { printAnswer } from '../model/print-answer.ts';
import { readPrompt } from '../model/read-prompt.ts';
import { runInterruptible } from '../model/run-interruptible.ts';
import { createSpendCounter, formatSpendCount } from '../model/spend-count.ts';

export interface ChatFlags extends ModelFlags {
  readonly system?: string;
  /** False with `--no-thinking`. */
  readonly thinking: boolean;
  readonly maxTokens?: string;
}

/** What a chat asks with. */
export interface Chat {
  readonly llm: LlmClient;
  /** The system prompt, if there is one. */
  readonly opening: readonly ChatMessage[];
  readonly thinking: { readonly thinking?: false };
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
  const { config, endpoints, catalog, logger } = settings;
  const maxTokens =
    flags.maxTokens === undefined ? config.llmMaxTokens : parseCount('--max-tokens', flags.maxTokens);
  const counter = createSpendCounter();
  await using budget = await openModelBudget(settings);
  const llm = createLlmClient({
    ...{ endpoints, catalog, budget, logger, maxTokens },
    models: modelsFor('worker', settings, flags),
    temperature: config.llmTemperature,
    timeoutMs: config.llmTimeoutMs,
    onCall: (event) => counter.add(event),
  });
  const chat: Chat = { llm, opening, thinking: flags.thinking ? {} : { thinking: false } };
  try {
    return question === undefined
      ? await converseWithModel(context, chat)
      : await answerOnce(context, chat, question);
  } finally {
    context.stderr.write(`${formatSpendCount(counter.count())}\n`);
  }
}

function answerOnce(context: CliContext, chat: Chat, question: string): Promise<ExitCode> {
  return runInterruptible(context, async (interrupt) => {
    const messages: ChatMessage[] = [...chat.opening, { role: 'user', content: question }];
    const signal = AbortSignal.any([interrupt, context.outputClosed]);
    const parts = chat.llm.stream({ role: 'worker', messages, ...chat.thinking, signal });
    const completion = await printAnswer(context, parts);
    if (completion?.finishReason !== 'length') return EXIT_CODES.goalMet;
    context.stderr.write('the answer was cut: LLM_MAX_TOKENS or --max-tokens allow no more\n');
    return EXIT_CODES.notMet;
  });
}
