import { createThinkingFilter } from '../text/thinking-filter.ts';
import type { StreamPart } from './llm-client.ts';
import type { SaidAnswer } from './read-completion.ts';
import { createToolCallCollector } from './tool-call-collector.ts';

/** Puts the chunks of a stream together and gives the parts that are new. Not checked by a schema, for speed. */
export interface AnswerAssembler {
  push(chunk: unknown): readonly StreamPart[];
  /** What was held back because it might have been a tag. */
  end(): readonly StreamPart[];
  said(): SaidAnswer;
  /** At least one chunk was one of a chat completion. */
  readonly hasAnswer: boolean;
  /** The server said that the answer is complete. */
  readonly finished: boolean;
  /** Characters of text, thoughts and calls so far. */
  readonly chars: number;
}

interface Delta {
  readonly content?: unknown;
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
  readonly tool_calls?: unknown;
}

interface Chunk {
  readonly model?: unknown;
  readonly usage?: unknown;
  readonly choices?: unknown;
}

export function createAnswerAssembler(): AnswerAssembler {
  const filter = createThinkingFilter();
  const calls = createToolCallCollector();
  let text = '';
  let reasoning = '';
  let finishReason: string | undefined;
  let model: string | undefined;
  let usage: unknown;
  let hasAnswer = false;

  const readDelta = (delta: Delta): StreamPart[] => {
    const thought = stringOf(delta.reasoning_content) || stringOf(delta.reasoning);
    const content = stringOf(delta.content);
    if (delta.tool_calls !== undefined) calls.push(delta.tool_calls);
    reasoning += thought;
    text += content;
    const parts: StreamPart[] = thought === '' ? [] : [{ type: 'reasoning', text: thought }];
    if (content === '') return parts;
    if (filter.answering) parts.push({ type: 'text', text: content });
    else parts.push(...filter.push(content));
    return parts;
  };

  return {
    push(chunk) {
      if (!isObject(chunk)) return [];
      const { model: named, usage: counted, choices } = chunk as Chunk;
      if (typeof named === 'string') model ??= named;
      if (isObject(counted)) usage = counted;
      const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
      if (!isObject(choice)) return [];
      hasAnswer = true;
      const { delta, finish_reason: reason } = choice as { delta?: unknown; finish_reason?: unknown };
      if (typeof reason === 'string') finishReason = reason;
      return isObject(delta) ? readDelta(delta) : [];
    },
    end: () => filter.end(),
    said: () => ({
      text,
      reasoning,
      toolCalls: calls.calls(),
      finishReason: finishReason ?? '',
      model,
      usage,
    }),
    get hasAnswer() {
      return hasAnswer;
    },
    get finished() {
      return finishReason !== undefined;
    },
    get chars() {
      return text.length + reasoning.length + calls.chars;
    },
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
