import { z } from 'zod';
import { AttemptIdSchema, TaskIdSchema } from '../ids.ts';
import { ModelRoleSchema } from '../config/swarm-config.ts';

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
  }),
] as const;
export type ModelCalledEvent = z.infer<(typeof modelEvents)[0]>;
