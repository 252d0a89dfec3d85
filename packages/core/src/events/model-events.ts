import { z } from 'zod';
import { AttemptIdSchema, TaskIdSchema } from '../ids.ts';
import { ModelRoleSchema } from '../config/swarm-config.ts';

/** Why a call went to its endpoint. */
const CallRouteSchema = z.strictObject({
  reason: z.enum(['preferred', 'affinity', 'overflow', 'failover', 'fallback_model', 'last_resort']),
  /** What kept it from a cheaper endpoint or a preferred model. */
  detail: z.enum(['saturated', 'outage', 'credit']).optional(),
});
export type CallRoute = z.infer<typeof CallRouteSchema>;

export const modelEvents = [
  z.strictObject({
    type: z.literal('model_called'),
    role: ModelRoleSchema,
    taskId: TaskIdSchema.optional(),
    attemptId: AttemptIdSchema.optional(),
    endpoint: z.string(),
    model: z.string(),
    ok: z.boolean(),
    /** HTTP status, absent when no answer came. */
    httpStatus: z.int().optional(),
    promptTokens: z.int().min(0),
    completionTokens: z.int().min(0),
    /** The server sent no usage: the counts are our estimate. */
    estimated: z.boolean(),
    durationMs: z.number(),
    /** Absent when the price is unknown. */
    costUsd: z.number().min(0).optional(),
    /** Absent where there was nothing to choose. */
    route: CallRouteSchema.optional(),
  }),
] as const;
export type ModelCalledEvent = z.infer<(typeof modelEvents)[0]>;
