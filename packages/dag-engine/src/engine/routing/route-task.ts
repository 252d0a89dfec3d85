import type { Task } from '../model/task.ts';
import { Router } from './router.ts';
import type { RouteOutcome, RoutingRun } from './routing-run.ts';

/**
 * Takes a queued task from a start node to its end, with all the clones and subtasks that come of it;
 * what happened is in the tasks. One node runs at a time; each call has a state of its own.
 */
export async function routeTask(
  run: RoutingRun,
  entry: { readonly task: Task; readonly startNodeId: string },
): Promise<RouteOutcome> {
  return new Router(run).route(entry);
}
