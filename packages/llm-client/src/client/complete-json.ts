import { z } from 'zod';
import { addUsage } from '../endpoint/token-usage.ts';
import { LlmError } from '../errors.ts';
import type { ChatMessage } from '../messages/chat-message.ts';
import { describeJsonProblem, jsonCandidates } from '../text/json-candidates.ts';
import { truncateMiddle } from '../text/truncate-middle.ts';
import type { Completion, JsonCompletion } from './llm-client.ts';
import { ANSWER_TOOL } from './structured-mode.ts';

const MAX_ECHO_CHARS = 40_000;

export async function completeJson<T>(
  complete: (messages: readonly ChatMessage[]) => Promise<Completion>,
  request: { readonly messages: readonly ChatMessage[]; readonly schema: z.ZodType<T> },
): Promise<JsonCompletion<T>> {
  const { schema, messages } = request;
  const first = await complete(messages);
  const verdict = readJson(first, schema);
  if (verdict.ok) return { value: verdict.value, usage: first.usage, model: first.model };
  const second = await complete([...messages, ...repairMessages(first, verdict.problem)]);
  const usage = addUsage(first.usage, second.usage);
  const repaired = readJson(second, schema);
  if (repaired.ok) return { value: repaired.value, usage, model: second.model };
  const { endpoint, model } = second;
  throw new LlmError(
    'INVALID_ANSWER',
    `endpoint ${endpoint} (model ${model}) gave no acceptable JSON in two answers.\n` +
      `First answer: ${verdict.problem}\nSecond answer: ${repaired.problem}`,
    { details: { endpoint, model, problems: [verdict.problem, repaired.problem] } },
  );
}

type Verdict<T> = { ok: true; value: T } | { ok: false; problem: string };

function readJson<T>(completion: Completion, schema: z.ZodType<T>): Verdict<T> {
  let problem: string | undefined;
  const said = answerOf(completion);
  for (const candidate of jsonCandidates(said)) {
    const parsed = schema.safeParse(candidate);
    if (parsed.success) return { ok: true, value: parsed.data };
    problem ??= z.prettifyError(parsed.error);
  }
  problem ??= describeJsonProblem(said);
  const cut = completion.finishReason === 'length' ? ' (the answer was cut at the token limit)' : '';
  return { ok: false, problem: problem + cut };
}

/** The answer's text, or the arguments of the call that stands for it. */
function answerOf({ text, toolCalls }: Completion): string {
  return toolCalls.find(({ name }) => name === ANSWER_TOOL)?.arguments ?? text;
}

function repairMessages(answer: Completion, problem: string): ChatMessage[] {
  const said = truncateMiddle(answerOf(answer), MAX_ECHO_CHARS, 'the answer');
  return [
    { role: 'assistant', content: said.trim() === '' ? '(empty answer)' : said },
    {
      role: 'user',
      content: `That answer cannot be used:\n${problem}\n\nAnswer again with the corrected, complete JSON and nothing else.`,
    },
  ];
}
