import { z } from 'zod';
import { addUsage } from '../endpoint/token-usage.ts';
import { LlmError } from '../errors.ts';
import { describeJsonProblem, jsonCandidates } from '../text/json-candidates.ts';
import { truncateMiddle } from '../text/truncate-middle.ts';
import type {
  ChatMessage,
  Completion,
  CompletionRequest,
  JsonCompletion,
  JsonCompletionRequest,
} from './llm-client.ts';

const MAX_ECHO_CHARS = 40_000;

export async function completeJson<T>(
  complete: (request: CompletionRequest) => Promise<Completion>,
  request: JsonCompletionRequest<T>,
  endpointName: string,
): Promise<JsonCompletion<T>> {
  const { schema, ...plain } = request;
  const first = await complete(plain);
  const verdict = readJson(first, schema);
  if (verdict.ok) return { value: verdict.value, usage: first.usage, model: first.model };
  const second = await complete({
    ...plain,
    messages: [...plain.messages, ...repairMessages(first, verdict.problem)],
  });
  const usage = addUsage(first.usage, second.usage);
  const repaired = readJson(second, schema);
  if (repaired.ok) return { value: repaired.value, usage, model: second.model };
  throw new LlmError(
    'INVALID_ANSWER',
    `endpoint ${endpointName} (model ${second.model}) gave no acceptable JSON in two answers.\n` +
      `First answer: ${verdict.problem}\nSecond answer: ${repaired.problem}`,
    {
      details: { endpoint: endpointName, model: second.model, problems: [verdict.problem, repaired.problem] },
    },
  );
}

type Verdict<T> = { ok: true; value: T } | { ok: false; problem: string };

function readJson<T>(completion: Completion, schema: z.ZodType<T>): Verdict<T> {
  let problem: string | undefined;
  for (const candidate of jsonCandidates(completion.text)) {
    const parsed = schema.safeParse(candidate);
    if (parsed.success) return { ok: true, value: parsed.data };
    problem ??= z.prettifyError(parsed.error);
  }
  problem ??= describeJsonProblem(completion.text);
  const cut = completion.finishReason === 'length' ? ' (the answer was cut at the token limit)' : '';
  return { ok: false, problem: problem + cut };
}

function repairMessages(answer: Completion, problem: string): ChatMessage[] {
  const said = truncateMiddle(answer.text, MAX_ECHO_CHARS, 'the answer');
  return [
    { role: 'assistant', content: said.trim() === '' ? '(empty answer)' : said },
    {
      role: 'user',
      content: `That answer cannot be used:\n${problem}\n\nAnswer again with the corrected, complete JSON and nothing else.`,
    },
  ];
}
