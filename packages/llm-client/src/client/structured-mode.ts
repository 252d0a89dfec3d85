import { z } from 'zod';
import type { ChatMessage } from '../messages/chat-message.ts';

/** How a server is told what JSON the answer must be. */
export type StructuredMode = 'json_schema' | 'tool' | 'prompt';

/** Best first: what a server refuses is asked for in the next way. */
const MODES: readonly StructuredMode[] = ['json_schema', 'tool', 'prompt'];

/** JSON Schema of the wanted answer; undefined when the zod schema cannot be written as one. */
export type AnswerSchema = Readonly<Record<string, unknown>> | undefined;

export const ANSWER_TOOL = 'give_answer';

export function toAnswerSchema(schema: z.ZodType): AnswerSchema {
  try {
    const { $schema: _dialect, ...body } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    return body;
  } catch (error) {
    // Some schemas have no such form (cycles of transforms); the words of the prompt must do then.
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    return undefined;
  }
}

/** The way to try after one that was refused. */
export function nextMode(mode: StructuredMode): StructuredMode | undefined {
  return MODES[MODES.indexOf(mode) + 1];
}

/** The fields a structured request adds to its body. */
export function structuredFields(schema: AnswerSchema, mode: StructuredMode): Record<string, unknown> {
  if (schema === undefined || mode === 'prompt') return {};
  if (mode === 'json_schema') {
    return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } };
  }
  const description = 'Gives the answer. Its arguments are the answer.';
  return {
    tools: [{ type: 'function', function: { name: ANSWER_TOOL, description, parameters: schema } }],
    tool_choice: { type: 'function', function: { name: ANSWER_TOOL } },
  };
}

/** Puts the schema in words behind the last message, for servers that take it no other way. */
export function withSchemaInWords(
  messages: readonly ChatMessage[],
  schema: AnswerSchema,
): readonly ChatMessage[] {
  const last = messages.at(-1);
  if (schema === undefined || last === undefined) return messages;
  const words = `\n\nAnswer with one JSON value and nothing else. It must match this JSON Schema:\n${JSON.stringify(schema)}`;
  return [...messages.slice(0, -1), { ...last, content: last.content + words }];
}
