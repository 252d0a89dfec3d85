import { z } from 'zod';

/** Why an earlier attempt of the same task did not land; given to the next attempt. */
export const EvidenceSchema = z.strictObject({
  /** Attempt number, counted from 1. */
  attempt: z.int().min(1),
  outcome: z.enum(['conflicted', 'ejected', 'refused', 'failed']),
  /** One sentence. */
  reason: z.string(),
  /** Conflicting or refused files. */
  files: z.array(z.string()).default([]),
  /** Command that failed, when a gate or a tool did. */
  command: z.string().optional(),
  /** Last lines of its output. */
  outputTail: z.string().optional(),
});
export type Evidence = z.infer<typeof EvidenceSchema>;
