import { z } from 'zod';
import { AttemptIdSchema, BranchNameSchema, CommitShaSchema } from '../ids.ts';

const HandoffStatusSchema = z.enum(['complete', 'partial', 'blocked']);

/** What the agent itself reports, through its `submit_handoff` tool. */
export const AgentReportSchema = z.strictObject({
  status: HandoffStatusSchema,
  /** What was done and how it was verified. */
  summary: z.string().min(1).max(10_000),
  concerns: z.array(z.string()).default([]),
  suggestions: z.array(z.string()).default([]),
});
export type AgentReport = z.infer<typeof AgentReportSchema>;

/** The worker's report: the agent's own words plus what the worker measured. */
export const HandoffSchema = z.strictObject({
  v: z.literal(1),
  attemptId: AttemptIdSchema,
  ...AgentReportSchema.shape,
  branch: BranchNameSchema,
  base: CommitShaSchema,
  /** Tip the worker pushed to its intake; equal to `base` when nothing changed. */
  head: CommitShaSchema,
  metrics: z.strictObject({
    turns: z.int().min(0),
    toolCalls: z.int().min(0),
    durationMs: z.number().min(0),
  }),
});
export type Handoff = z.infer<typeof HandoffSchema>;
