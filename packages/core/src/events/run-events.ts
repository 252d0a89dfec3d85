import { z } from 'zod';
import { BranchNameSchema, CommitShaSchema, RunIdSchema } from '../ids.ts';
import { FeatureSchema } from '../protocol/feature.ts';

/** A model server as it described itself when the run started. */
const EndpointReportSchema = z.strictObject({
  name: z.string(),
  /** The model in use. */
  model: z.string(),
  /** The `owned_by` the endpoint reports for it. */
  ownedBy: z.string(),
});
export type EndpointReport = z.infer<typeof EndpointReportSchema>;

/** The process that drives the run from here on. */
const ProcessSchema = z.strictObject({ pid: z.int(), version: z.string() });

const RunOutcomeSchema = z.enum(['goal_met', 'not_met', 'paused', 'interrupted']);
export type RunOutcome = z.infer<typeof RunOutcomeSchema>;

export const runEvents = [
  z.strictObject({
    type: z.literal('run_started'),
    runId: RunIdSchema,
    process: ProcessSchema,
    target: z.strictObject({
      path: z.string(),
      /** Where landings go: URL or path, without credentials. */
      remote: z.string(),
      mainBranch: BranchNameSchema,
      base: CommitShaSchema,
    }),
    /** The configuration with every secret as `***`. */
    config: z.record(z.string(), z.unknown()),
    gate: z.array(z.string()),
    /** Text of SPEC.md at the start. */
    spec: z.string(),
    features: z.array(FeatureSchema),
    endpoints: z.array(EndpointReportSchema),
    isolation: z.string(),
    /** Started although the gate failed on main. */
    repair: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal('run_resumed'),
    process: ProcessSchema,
    /** Tip of main now: others may have moved it meanwhile. */
    main: CommitShaSchema.optional(),
    endpoints: z.array(EndpointReportSchema),
  }),
  z.strictObject({
    type: z.literal('run_stopping'),
    reason: z.enum(['interrupt', 'stop_requested', 'failure']),
    message: z.string(),
  }),
  z.strictObject({
    type: z.literal('run_finished'),
    outcome: RunOutcomeSchema,
    reason: z.string(),
    main: CommitShaSchema,
  }),
  /** Something a person should know; never read by the system. */
  z.strictObject({
    type: z.literal('notice_raised'),
    level: z.enum(['info', 'warning', 'error']),
    message: z.string(),
  }),
  /** FEATURES.json with the derived statuses reached main. */
  z.strictObject({ type: z.literal('feature_status_landed'), commit: CommitShaSchema }),
] as const;
