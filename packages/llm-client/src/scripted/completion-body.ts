import { estimateTokens } from '../text/estimate-tokens.ts';
import { isHighSurrogate } from '../text/truncate-middle.ts';
import type { Reply } from './script-schema.ts';

const PIECE_CHARS = 24;

/** An answer ready to be written in either form. */
export interface Answer {
  readonly id: string;
  readonly createdSeconds: number;
  readonly model: string;
  readonly text: string | undefined;
  readonly toolCalls: readonly ToolCall[];
  readonly usage: Usage;
}

interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

export function buildAnswer(
  reply: Reply,
  request: {
    readonly id: string;
    readonly createdSeconds: number;
    readonly model: string;
    readonly promptText: string;
    readonly messageCount: number;
  },
): Answer {
  const text = reply.json === undefined ? reply.text : JSON.stringify(reply.json);
  const toolCalls = (reply.toolCalls ?? []).map((call, index) => ({
    // Derived from the place in the conversation: unique in it, and the same when the request is repeated.
    id: `call_${request.messageCount}_${index}`,
    name: call.name,
    arguments: JSON.stringify(call.arguments),
  }));
  const said = (text ?? '') + toolCalls.map((call) => call.name + call.arguments).join('');
  const prompt_tokens = estimateTokens(request.promptText);
  const completion_tokens = estimateTokens(said);
  const { id, createdSeconds, model } = request;
  const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
  return { id, createdSeconds, model, text, toolCalls, usage };
}

export function completionBody(answer: Answer): object {
  const { toolCalls, text } = answer;
  const message = {
    role: 'assistant',
    content: text ?? null,
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(wireCall) }),
  };
  return {
    ...frame(answer, 'chat.completion'),
    choices: [{ index: 0, message, finish_reason: finishReasonOf(answer), logprobs: null }],
    usage: answer.usage,
  };
}

/** The chunks of a streamed answer, `[DONE]` not included. */
export function* completionChunks(answer: Answer, includeUsage: boolean): Generator<object> {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...frame(answer, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason, logprobs: null }],
    ...(includeUsage ? { usage: null } : {}),
  });
  yield chunk({ role: 'assistant', content: '' });
  for (const content of piecesOf(answer.text ?? '')) yield chunk({ content });
  for (const [index, call] of answer.toolCalls.entries()) {
    const head = { index, ...wireCall({ ...call, arguments: '' }) };
    yield chunk({ tool_calls: [head] });
    for (const piece of piecesOf(call.arguments)) {
      yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
  yield chunk({}, finishReasonOf(answer));
  if (includeUsage) {
    yield { ...frame(answer, 'chat.completion.chunk'), choices: [], usage: answer.usage };
  }
}

function frame(answer: Answer, object: string) {
  return { id: answer.id, object, created: answer.createdSeconds, model: answer.model };
}

function wireCall(call: ToolCall) {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } };
}

function finishReasonOf(answer: Answer): string {
  return answer.toolCalls.length > 0 ? 'tool_calls' : 'stop';
}

function* piecesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = start + PIECE_CHARS;
    const cut = isHighSurrogate(text.charCodeAt(end - 1)) ? end + 1 : end;
    yield text.slice(start, cut);
    start = cut;
  }
}
