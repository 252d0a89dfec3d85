import { z } from 'zod';

const count = z.int().min(0);

/** Figures of a run, all folded from its journal. */
export const MetricsSnapshotSchema = z.strictObject({
  /** Milliseconds the run was active; time between a crash and its resume is not counted. */
  wallMs: z.number().min(0),
  tasks: z.strictObject({ planned: count, landed: count, failed: count, cancelled: count, open: count }),
  features: z.strictObject({ total: count, landed: count }),
  attempts: z.strictObject({
    started: count,
    handedOff: count,
    landed: count,
    conflicted: count,
    ejected: count,
    refused: count,
    failed: count,
    abandoned: count,
  }),
  landings: z.strictObject({ count, perHour: z.number().min(0) }),
  planningRounds: count,
  model: z.strictObject({
    calls: count,
    failedCalls: count,
    promptTokens: count,
    completionTokens: count,
    /** Calls whose usage the server omitted and we estimated. */
    estimatedCalls: count,
    byRole: z.record(
      z.string(),
      z.strictObject({ calls: count, promptTokens: count, completionTokens: count }),
    ),
  }),
});
export type MetricsSnapshot = z.infer<typeof MetricsSnapshotSchema>;
