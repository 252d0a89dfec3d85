import { z } from 'zod';
import { GraphError, listed } from '../graph-error.ts';
import type { TaskNode } from '../task-node.ts';
import type { GraphEvent } from './graph-event.ts';

/**
 * Where a run keeps its events, so that another process can go on with it. `openSqliteLog` of
 * `@agentswarm/journal` is one; an array is enough for a test.
 */
export interface GraphJournal {
  /** Every event kept so far, in order, as JSON gives it back. */
  read(): Iterable<unknown>;
  /**
   * Keeps an event. Contract: synchronous and atomic; when it returns, the event survives the end of
   * the process; throws when it could not be kept.
   */
  append(event: GraphEvent): void;
}

const id = z.string().min(1);
const attempt = z.int().min(1);
const dependsOn = z.array(z.string());
const GrowthSchema = z.strictObject({
  nodes: z.array(z.looseObject({ id, dependsOn: dependsOn.exactOptional() })),
  dependencies: z.array(z.strictObject({ id, dependsOn })),
});
const count = z.int().min(0);
const EventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run_started'), nodes: count, settled: count }),
  z.object({ type: z.literal('node_started'), id, attempt }),
  z.object({
    type: z.literal('node_completed'),
    id,
    attempt,
    // JSON leaves out the `undefined` of a node that gives nothing.
    result: z.unknown().optional(),
    growth: GrowthSchema.exactOptional(),
    skips: z.array(id).exactOptional(),
  }),
  z.object({
    type: z.literal('node_failed'),
    id,
    attempt,
    error: z.object({ code: z.string(), message: z.string() }),
    willRetry: z.boolean(),
  }),
  z.object({ type: z.literal('node_interrupted'), id, attempt }),
  z.object({ type: z.literal('node_skipped'), id, because: id }),
  z.object({
    type: z.literal('run_finished'),
    outcome: z.enum(['complete', 'failed', 'cancelled']),
    counts: z.object({ pending: count, running: count, complete: count, failed: count, skipped: count }),
  }),
]);

/**
 * Contract: nodes in the journal were of the caller's type before they were written.
 *
 * @throws {GraphError} JOURNAL_MISMATCH when one of the journal's values is no event of a run.
 */
export function* readEvents<Node extends TaskNode>(
  journal: GraphJournal,
): Generator<GraphEvent<unknown, Node>, void, undefined> {
  let number = 0;
  for (const value of journal.read()) {
    number += 1;
    const parsed = EventSchema.safeParse(value);
    if (!parsed.success) {
      const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      throw new GraphError(
        'JOURNAL_MISMATCH',
        `entry ${number} of the journal is no event:\n  ${listed(problems)}`,
        {
          details: { number, problems },
          cause: parsed.error,
        },
      );
    }
    yield value as GraphEvent<unknown, Node>;
  }
}
