import { z } from 'zod';
import { TaskIdSchema } from '../ids.ts';
import { TaskSchema } from '../protocol/task.ts';

const round = z.int().min(1);

export const planningEvents = [
  z.strictObject({ type: z.literal('planning_started'), round, reason: z.string() }),
  z.strictObject({
    type: z.literal('planning_completed'),
    round,
    tasks: z.array(TaskSchema),
    /** The planner's own words, given back to it in the next round. */
    scratchpad: z.string(),
    /** The planner says the specification is met. */
    specMet: z.boolean(),
    durationMs: z.number(),
    /** The journal position the planner had heard of. */
    heardSeq: z.int().min(0),
  }),
  z.strictObject({
    type: z.literal('planning_failed'),
    round,
    message: z.string(),
    /** What was wrong: the planner's answer, twice; the endpoint that should have given one; there is no money; no model runs. */
    problem: z.enum(['answer', 'endpoint', 'budget', 'model_wait']),
  }),
  z.strictObject({ type: z.literal('task_failed'), taskId: TaskIdSchema, reason: z.string() }),
  z.strictObject({ type: z.literal('task_cancelled'), taskId: TaskIdSchema, reason: z.string() }),
] as const;
