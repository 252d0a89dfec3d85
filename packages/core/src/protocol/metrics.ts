import { z } from 'zod';
import { BudgetPolicySchema } from '../config/budget-policy.ts';

const count = z.int().min(0);

/** Calls, their tokens, and what they cost as far as prices are known. */
const UsageSchema = z.strictObject({
  calls: count,
  promptTokens: count,
  completionTokens: count,
  /** Of the calls with a price; absent while there is none. */
  costUsd: z.exactOptional(z.number().min(0)),
  /** Calls that used tokens whose price nobody stated. */
  unpricedCalls: count,
});
const usageBy = z.record(z.string(), UsageSchema);

const RoutedCallsSchema = z.strictObject({
  endpoint: z.string(),
  reason: z.string(),
  detail: z.exactOptional(z.string()),
  calls: count,
});

const SpendSchema = z.strictObject({ usd: z.number().min(0), tokens: count });

const BudgetReportSchema = z.strictObject({
  /** Settled, and held by reservations. */
  spent: SpendSchema,
  /** Calls under way, and those nobody knows the end of: they count in full. */
  openReservations: count,
  byProvider: z.record(z.string(), SpendSchema),
  policy: BudgetPolicySchema,
  /** Why the run must not spend more. */
  exhausted: z.exactOptional(z.string()),
});

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
  model: UsageSchema.extend({
    failedCalls: count,
    /** Calls whose usage the server omitted and we estimated. */
    estimatedCalls: count,
    byRole: usageBy,
    byModel: usageBy,
    byEndpoint: usageBy,
    /** Calls that went elsewhere than to the endpoint to prefer. */
    rerouted: z.array(RoutedCallsSchema).readonly(),
  }),
  /** Present when there is a bound or something was spent by the budget's book. */
  budget: z.exactOptional(BudgetReportSchema),
});
export type MetricsSnapshot = z.infer<typeof MetricsSnapshotSchema>;
