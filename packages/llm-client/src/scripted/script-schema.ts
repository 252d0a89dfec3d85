import { z } from 'zod';

/** A regular expression, compiled with the flag `m`. */
const PatternSchema = z.string().transform((source, context) => {
  try {
    return new RegExp(source, 'm');
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is no regular expression: ${String(error)}` });
    return z.NEVER;
  }
});
const PatternsSchema = z.array(PatternSchema).min(1);

export const ModelFileSchema = z.strictObject({
  model: z.string().min(1),
  /** Wait before every answer. */
  latencyMs: z.number().min(0).default(0),
  /** Pace of every answer; absent: at once. */
  tokensPerSecond: z.number().positive().optional(),
});
type ModelFile = z.infer<typeof ModelFileSchema>;

const ConditionsSchema = z.strictObject({
  model: PatternSchema.optional(),
  system: PatternsSchema.optional(),
  user: PatternsSchema.optional(),
  lacks: PatternsSchema.optional(),
  lastUser: PatternsSchema.optional(),
});
export type Conditions = z.infer<typeof ConditionsSchema>;

const ResultConditionsSchema = z.strictObject({
  lastToolResult: PatternsSchema.optional(),
  lacksToolResult: PatternsSchema.optional(),
  anyToolResult: PatternsSchema.optional(),
});
export type ResultConditions = z.infer<typeof ResultConditionsSchema>;

const replyShape = {
  text: z.string().optional(),
  json: z.json().optional(),
  toolCalls: z
    .array(z.strictObject({ name: z.string().min(1), arguments: z.record(z.string(), z.json()) }))
    .min(1)
    .optional(),
  delayMs: z.number().min(0).optional(),
  fault: z
    .strictObject({ status: z.int().min(400).max(599), retryAfter: z.number().min(0).optional() })
    .optional(),
};

interface ReplyParts {
  readonly text?: unknown;
  readonly json?: unknown;
  readonly toolCalls?: unknown;
  readonly fault?: unknown;
}
const saysSomething = (reply: ReplyParts) =>
  [reply.text, reply.json, reply.toolCalls, reply.fault].some((part) => part !== undefined);
const saysOneThing = (reply: ReplyParts) => reply.text === undefined || reply.json === undefined;
const faultStandsAlone = (reply: ReplyParts) =>
  reply.fault === undefined || [reply.text, reply.json, reply.toolCalls].every((part) => part === undefined);

const ReplySchema = z
  .strictObject(replyShape)
  .refine(saysSomething, 'needs text, json, toolCalls or fault')
  .refine(saysOneThing, 'has both text and json')
  .refine(faultStandsAlone, 'has a fault and an answer');
export type Reply = z.infer<typeof ReplySchema>;

const AlternativeSchema = z
  .strictObject({ when: ResultConditionsSchema.optional(), ...replyShape })
  .refine(saysSomething, 'needs text, json, toolCalls or fault')
  .refine(saysOneThing, 'has both text and json')
  .refine(faultStandsAlone, 'has a fault and an answer');
export type Alternative = z.infer<typeof AlternativeSchema>;

const AlternativesSchema = z.strictObject({
  alternatives: z
    .array(AlternativeSchema)
    .min(1)
    .refine((list) => list.slice(0, -1).every(({ when }) => when !== undefined), {
      message: 'only the last alternative may have no "when": those after it are never reached',
    }),
});

/** Picks the schema by the step's own key, so that problems name the field and not "no union member". */
const StepSchema = z.unknown().transform((step, context): Alternative[] => {
  const isChoice = typeof step === 'object' && step !== null && 'alternatives' in step;
  const parsed = isChoice ? AlternativesSchema.safeParse(step) : ReplySchema.safeParse(step);
  if (parsed.success) return 'alternatives' in parsed.data ? parsed.data.alternatives : [parsed.data];
  for (const { path, message } of parsed.error.issues) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
  return z.NEVER;
});

const RuleSchema = z.strictObject({
  name: z.string().min(1),
  when: ConditionsSchema,
  steps: z.array(StepSchema).min(1),
});

export const RuleFileSchema = z.strictObject({ rules: z.array(RuleSchema).min(1) });

/** A rule and the file it stands in, relative to the script directory. */
export interface Rule extends z.infer<typeof RuleSchema> {
  readonly file: string;
}

export interface Script extends ModelFile {
  readonly rules: readonly Rule[];
}
