import { z } from 'zod';
import { TaskIdSchema } from '../ids.ts';
import { ScopePathSchema } from '../scope/repo-path.ts';

/** A unit of work for one worker. */
export const TaskSchema = z.strictObject({
  id: TaskIdSchema,
  /** Everything a worker needs to know; it sees no other task. */
  description: z.string().min(1).max(20_000),
  /** Files the task may change; a directory is written `dir/`. */
  scope: z.array(ScopePathSchema).min(1).max(50),
  /** Observable conditions: commands, scenarios, integration points. */
  acceptance: z.array(z.string().min(1)).min(1),
  /** Tasks that must have landed before this one starts. */
  dependsOn: z.array(TaskIdSchema).default([]),
  /** 1 is most urgent, 10 least. */
  priority: z.int().min(1).max(10).default(5),
  /** Entries of FEATURES.json this task completes. */
  features: z.array(TaskIdSchema).default([]),
});
export type Task = z.infer<typeof TaskSchema>;
