import type { EngineClock } from '../model/engine-ports.ts';
import type { EventEmitter } from '../model/engine-event.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import type { TraceEntry } from '../model/run-result.ts';
import type { Task } from '../model/task.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import type { NodeExecutor } from './node-executor.ts';
import type { RoutingGraph } from './routing-graph.ts';

/** What routing works with. */
export interface RoutingRun {
  readonly graph: RoutingGraph;
  readonly tasks: Pick<TaskStore, 'createClone' | 'createSubtask'>;
  readonly events: EventEmitter;
  readonly clock: EngineClock;
  readonly executor: NodeExecutor;
  /** Aborted: the node that runs is waited for, nothing runs after it, what is open is `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** Awaited after each node, once the task has its record and output. Contract: does not reject. */
  onRecorded?(task: Task): Promise<void> | void;
  /** Awaited after each conclusion, before anything else happens. Contract: does not reject. */
  onConcluded?(task: Task): Promise<void> | void;
}

export interface RouteOutcome {
  /** Every node execution over the whole lineage, in order. */
  readonly trace: readonly TraceEntry[];
  /** Why the root task failed; `null` when it did not. */
  readonly error: EngineErrorRecord | null;
}
