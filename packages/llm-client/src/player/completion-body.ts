import type { ToolCall } from '../messages/chat-message.ts';
import { isHighSurrogate } from '../text/truncate-middle.ts';

const PIECE_CHARS = 24;

/** An answer ready to be written in either form. */
export interface Answer {
  readonly id: string;
  readonly createdSeconds: number;
  readonly model: string;
  readonly text: string | undefined;
  readonly reasoning?: string | undefined;
  readonly toolCalls: readonly ToolCall[];
  /** Null: the model never said why it ended. */
  readonly finishReason: string | null;
  /** As it is sent; undefined: none is. */
  readonly usage: unknown;
}

export function completionBody(answer: Answer): object {
  const { toolCalls, text } = answer;
  const message = {
    role: 'assistant',
    content: text ?? null,
    ...(answer.reasoning === undefined ? {} : { reasoning_content: answer.reasoning }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(wireCall) }),
  };
  return {
    ...frame(answer, 'chat.completion'),
    choices: [{ index: 0, message, finish_reason: answer.finishReason, logprobs: null }],
    ...(answer.usage === undefined ? {} : { usage: answer.usage }),
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
  for (const reasoning_content of piecesOf(answer.reasoning ?? '')) yield chunk({ reasoning_content });
  for (const content of piecesOf(answer.text ?? '')) yield chunk({ content });
  for (const [index, call] of answer.toolCalls.entries()) {
    const head = { index, ...wireCall({ ...call, arguments: '' }) };
    yield chunk({ tool_calls: [head] });
    for (const piece of piecesOf(call.arguments)) {
      yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
  yield chunk({}, answer.finishReason);
  if (includeUsage && answer.usage !== undefined) {
    yield { ...frame(answer, 'chat.completion.chunk'), choices: [], usage: answer.usage };
  }
}

function frame(answer: Answer, object: string) {
  return { id: answer.id, object, created: answer.createdSeconds, model: answer.model };
}

function wireCall(call: ToolCall) {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } };
}

function* piecesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = start + PIECE_CHARS;
    const cut = isHighSurrogate(text.charCodeAt(end - 1)) ? end + 1 : end;
    yield text.slice(start, cut);
    start = cut;
  }
}
