import { randomIdSource } from '@agentswarm/core';
import type { Completion } from '@agentswarm/llm-client';
import { print, printJson, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { gatherContext } from '../generate/gather-context.ts';
import { generateMessages } from '../generate/generate-messages.ts';
import { languageOf } from '../generate/language-of.ts';
import { locateOutput } from '../generate/locate-output.ts';
import { stripFence } from '../generate/strip-fence.ts';
import { writeOutput } from '../generate/write-output.ts';
import { readModelSettings } from '../model/model-settings.ts';
import { openModelClient, type ClientFlags } from '../model/open-model-client.ts';
import { parseCount } from '../model/parse-count.ts';
import { readPrompt } from '../model/read-prompt.ts';
import { runInterruptible } from '../model/run-interruptible.ts';
import type { SpendCount } from '../model/spend-count.ts';
import { formatUsd } from '../view/money.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

export interface GenerateFlags extends ClientFlags {
  readonly context?: readonly string[];
  readonly maxContextBytes: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `agentswarm generate OUT PROMPT`: writes one file; nothing is asked before it is clear that it may be written. */
export async function generateFile(
  context: CliContext,
  { out, prompt: typed }: { readonly out: string; readonly prompt: string },
  flags: GenerateFlags,
): Promise<ExitCode> {
  const force = flags.force === true;
  await locateOutput(context.directory, out, { force });
  const maxContextBytes = parseCount('--max-context-bytes', flags.maxContextBytes);
  const given = await gatherContext(context, flags.context ?? [], maxContextBytes);
  const prompt = await readPrompt(context, typed);
  const settings = await readModelSettings(context, flags);
  const messages = await generateMessages({ named: out, prompt, context: given });
  return await runInterruptible(context, async (signal) => {
    await using client = await openModelClient(settings, flags);
    const completion = await client.llm.complete({ role: 'worker', messages, signal });
    const content = contentOf(completion, out);
    // Folders may have become links while the model answered.
    const output = await locateOutput(context.directory, out, { force });
    await writeOutput(output, content, { replace: force, token: randomIdSource.token() });
    report(
      context,
      { path: out, bytes: Buffer.byteLength(content), completion, spent: client.spent() },
      flags,
    );
    return EXIT_CODES.goalMet;
  });
}

function contentOf({ text, finishReason, model, usage }: Completion, out: string): string {
  // Servers have other words for the good end than `stop`, but these two say that something is missing.
  if (finishReason === 'length' || finishReason === 'content_filter') {
    const tokens = usage.completionTokens;
    const why = finishReason === 'length' ? '' : ' by the content filter';
    throw new CliError(
      'CLI_ANSWER_CUT',
      `the answer of ${model} was cut${why} after ${tokens} tokens; nothing is written`,
    );
  }
  const content = stripFence(text, { isMarkdown: languageOf(out) === 'Markdown' });
  if (content.trim() === '')
    throw new CliError('CLI_ANSWER_EMPTY', `the answer of ${model} is empty; nothing is written`);
  return content.endsWith('\n') ? content : `${content}\n`;
}

interface Written {
  readonly path: string;
  readonly bytes: number;
  readonly completion: Completion;
  readonly spent: SpendCount;
}

function report(
  context: CliContext,
  { path, bytes, completion, spent }: Written,
  { json }: GenerateFlags,
): void {
  const { model, endpoint } = completion;
  const { promptTokens, completionTokens, estimated, costUsd } = spent;
  const total = promptTokens + completionTokens;
  if (json === true) {
    const tokens = { prompt: promptTokens, completion: completionTokens, total, estimated };
    printJson(context, {
      v: 1,
      path,
      bytes,
      model,
      endpoint,
      tokens,
      ...(costUsd === undefined ? {} : { costUsd }),
    });
    return;
  }
  const cost = costUsd === undefined ? '' : `, ${formatUsd(costUsd)}`;
  print(context, [
    `path    ${path}`,
    `model   ${toTerminalLine(model)} at ${endpoint}`,
    `tokens  ${total}${estimated ? ' (estimated)' : ''}${cost}`,
  ]);
}
