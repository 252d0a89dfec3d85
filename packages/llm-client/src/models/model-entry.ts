import { PriceSchema } from '@agentswarm/core';
import { z } from 'zod';

/** How to say in a request whether the model shall think. */
const ThinkingSwitchSchema = z
  .strictObject({
    /** Merged into the request's body. */
    body: z.record(z.string(), z.unknown()).optional(),
    /** Put before the newest user message. */
    promptPrefix: z.string().min(1).optional(),
  })
  .refine(
    (way) => way.body !== undefined || way.promptPrefix !== undefined,
    'needs a body or a promptPrefix',
  );
export type ThinkingSwitch = z.infer<typeof ThinkingSwitchSchema>;

/** The server does not separate thoughts, and its prompt ends with the opening tag: answers hold only the closing one. */
const promptOpensBlock = z.boolean().optional();
const ThinkingSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('none') }),
  z.strictObject({ mode: z.literal('always'), promptOpensBlock }),
  z.strictObject({
    mode: z.literal('switchable'),
    /** Absent: it thinks unless told otherwise. */
    on: ThinkingSwitchSchema.optional(),
    off: ThinkingSwitchSchema,
    promptOpensBlock,
  }),
]);

/** The form of calls in text where the server does not parse them. */
const TextToolFormatSchema = z.enum(['hermes', 'qwen3-coder', 'glm', 'llama', 'mistral', 'json']);
export type TextToolFormat = z.infer<typeof TextToolFormatSchema>;

/** Encodings that count exactly; see `loadTokenizer`. */
const TokenizerNameSchema = z.enum(['o200k_base', 'o200k_harmony', 'cl100k_base']);
export type TokenizerName = z.infer<typeof TokenizerNameSchema>;

const name = z.string().trim().min(1);

/** What is known of a model. A figure nobody stated is absent. */
export const ModelEntrySchema = z.strictObject({
  /** A name or several; `*` stands for any characters. */
  model: z.union([name, z.array(name).min(1)]),
  /** Tokens of prompt and answer together. */
  contextWindow: z.int().positive(),
  maxOutputTokens: z.int().positive().optional(),
  /** `native`: in the answer's `tool_calls`; `text`: written into the text; `none`: not at all. */
  toolCalls: z.enum(['native', 'text', 'none']),
  textToolFormat: TextToolFormatSchema.optional(),
  thinking: ThinkingSchema,
  /** How JSON is asked for best; absent: depends on the server. */
  structured: z.enum(['json_schema', 'tool', 'prompt']).optional(),
  tokenizer: TokenizerNameSchema.optional(),
  charsPerToken: z.number().positive().optional(),
  /** Name of the bound on the answer where it is not `max_tokens`. */
  maxTokensParameter: z.literal('max_completion_tokens').optional(),
  /** It refuses `temperature` and `top_p`. */
  fixedSampling: z.boolean().optional(),
  price: PriceSchema.optional(),
  /** Where the figures are from. */
  source: z.string().min(1),
});
export type ModelEntry = Readonly<z.infer<typeof ModelEntrySchema>>;
