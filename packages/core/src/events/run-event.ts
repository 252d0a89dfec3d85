import { z } from 'zod';
import { attemptEvents } from './attempt-events.ts';
import { budgetEvents } from './budget-events.ts';
import { modelEvents } from './model-events.ts';
import { planningEvents } from './planning-events.ts';
import { queueEvents } from './queue-events.ts';
import { runEvents } from './run-events.ts';

/** Version of the event shapes; stored with every record. */
export const EVENT_VERSION = 1;

/** Every state change of a run. */
export const RunEventSchema = z.discriminatedUnion('type', [
  ...runEvents,
  ...planningEvents,
  ...attemptEvents,
  ...queueEvents,
  ...modelEvents,
  ...budgetEvents,
]);
export type RunEvent = z.infer<typeof RunEventSchema>;
export type RunEventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

const DURABLE: ReadonlySet<RunEvent['type']> = new Set([
  'run_started',
  'run_finished',
  'planning_completed',
  'attempt_dispatched',
  'attempt_handed_off',
  'landing_intended',
  'branch_landed',
  'feature_status_landed',
  'budget_policy_set',
]);

/** Whether the event must survive a crash of the machine (full sync), not only of the process. */
export function isDurableEvent(event: RunEvent): boolean {
  return DURABLE.has(event.type);
}
