import { z } from 'zod';

const Name = z.string().min(1);

const Common = {
  id: Name,
  depends_on: z.array(Name).default([]),
  status: z.enum(['pending', 'running', 'complete', 'failed', 'skipped']).default('pending'),
  /** Attempts that failed. */
  retries: z.int().min(0).default(0),
  /** Attempts in all. */
  max_retries: z.int().min(1).default(3),
  result: z.json().default(null),
};

const SkillNodeSchema = z.strictObject({
  ...Common,
  action: z.literal('skill'),
  skill_name: Name,
  skill_args: z.record(z.string(), z.json()).default({}),
  skill_source: z.enum(['allowed', 'draft']).default('allowed'),
});

const LlmCallNodeSchema = z.strictObject({
  ...Common,
  action: z.literal('llm_call'),
  prompt_template: Name,
  model: Name.exactOptional(),
});

const DecisionNodeSchema = z.strictObject({
  ...Common,
  action: z.literal('decision'),
  condition: Name,
  /** The nodes whose branch is taken, or skipped. */
  if_true: Name,
  if_false: Name,
});

const FlowNodeSchema = z.discriminatedUnion('action', [
  SkillNodeSchema,
  LlmCallNodeSchema,
  DecisionNodeSchema,
]);

export const FlowDocumentSchema = z.strictObject({
  nodes: z.array(FlowNodeSchema).min(1),
  metadata: z
    .strictObject({
      prompt: z.string().exactOptional(),
      created_at: z.string().exactOptional(),
      model: z.string().exactOptional(),
    })
    .default({}),
});

/** Calls a skill; strings in `skill_args` may refer to results of earlier nodes. */
export type SkillNode = z.infer<typeof SkillNodeSchema>;
/** Asks a model; `prompt_template` may refer to results of earlier nodes. */
export type LlmCallNode = z.infer<typeof LlmCallNodeSchema>;
/** Takes one of two branches, by a condition on results of earlier nodes. */
export type DecisionNode = z.infer<typeof DecisionNodeSchema>;
/** A step of a flow. */
export type FlowNode = SkillNode | LlmCallNode | DecisionNode;
/** What a flow says about itself. */
export type FlowMetadata = z.infer<typeof FlowDocumentSchema>['metadata'];
/** Data a step gives. */
export type FlowValue = z.infer<ReturnType<typeof z.json>>;
