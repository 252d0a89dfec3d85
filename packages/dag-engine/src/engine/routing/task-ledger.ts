import type { EventEmitter, EventName, Occurrence } from '../model/engine-event.ts';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import type { JsonValue } from '../model/json.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import type { Task } from '../model/task.ts';
import { externalStatus, type Status } from '../model/vocabulary.ts';
import type { WorkflowEdge, WorkflowNode } from '../model/workflow.ts';
import {
  appendRecord,
  changeLifecycle,
  changeOutput,
  changeStatus,
  settleStatus,
  worsenStatus,
} from '../tasks/change-task.ts';
import { snapshot } from '../tasks/snapshot.ts';
import type { MergePayload } from './merge-payload.ts';
import { failureSignatureOf } from './routing-fault.ts';

/** Writes what routing does into the tasks and tells the observers, in this order. */
export class TaskLedger {
  readonly #events: EventEmitter;
  readonly #clock: EngineClock;

  constructor(ports: { readonly events: EventEmitter; readonly clock: EngineClock }) {
    this.#events = ports.events;
    this.#clock = ports.clock;
  }

  started(task: Task): void {
    this.#tell('task_started', { task }, { spec: task.spec, mode: task.spec.mode });
  }

  /** The task goes into a node. */
  entered(task: Task, nodeId: string): void {
    const at = this.#now();
    task.current_stage_id = nodeId;
    changeLifecycle(task, 'active', at);
    if (task.status === 'pending') changeStatus(task, 'in_progress', at);
  }

  /** The task waits for its children or at a merge. */
  suspended(task: Task): void {
    changeLifecycle(task, 'suspended', this.#now());
  }

  recorded(task: Task, record: StageExecutionRecord): void {
    appendRecord(task, record);
    if (record.error) task.failure_signatures.push(failureSignatureOf(record.error));
  }

  delivered(task: Task, output: JsonValue): void {
    changeOutput(task, output, this.#now());
  }

  degraded(task: Task): void {
    worsenStatus(task, 'partial', this.#now());
  }

  /** What is undecided about a task becomes `completed`. */
  settled(task: Task): void {
    settleStatus(task, this.#now());
  }

  followed(
    task: Task,
    node: WorkflowNode,
    { edge, decision }: { edge: WorkflowEdge; decision: string },
  ): void {
    this.routed(task, node, decision);
    this.#tell('routing_decision', { task, node }, { decision, next_node_id: edge.to });
  }

  /** `decision` is `null` where a task ends. */
  routed(task: Task, node: WorkflowNode, decision: string | null): void {
    const { id, agent_id } = node;
    task.routing_trace.push({ stage_id: id, decision, agent_id, timestamp: this.#now() });
  }

  spawned(task: Task, node: WorkflowNode, children: readonly Task[]): void {
    const ids = children.map((child) => child.task_id);
    const [first] = children;
    const clones = first?.lineage_type === 'clone';
    if (clones) this.#tell('routing_branch', { task, node }, { clone_count: ids.length, clone_ids: ids });
    else this.#tell('routing_split', { task, node }, { subtask_count: ids.length, subtask_ids: ids });
    for (const { task_id, lineage_metadata: lineage } of children) {
      if (clones) this.#tell('clone_created', { task, node }, { clone_id: task_id, lineage });
      else this.#tell('subtask_created', { task, node }, { subtask_id: task_id, lineage });
    }
  }

  merging(task: Task, node: WorkflowNode, payload: MergePayload): void {
    const { merge_inputs: inputs, merge_failures: failures } = payload;
    this.#tell(
      'routing_merge',
      { task, node },
      {
        input_count: inputs.length,
        input_statuses: inputs.map((item) => item.node_status),
        failure_count: failures.length,
      },
    );
  }

  /** A node that fails without its operation having run. */
  refused(task: Task, node: WorkflowNode, refusal: { input: JsonValue; error: EngineErrorRecord }): void {
    const { role, kind } = node;
    this.#tell('node_started', { task, node }, { role, kind, input: refusal.input });
    this.#tell('node_failed', { task, node }, { error: refusal.error });
  }

  mergedInto(task: Task, target: { readonly task_id: string; readonly node_id: string }): void {
    task.lineage_metadata = snapshot({ ...task.lineage_metadata, merged_into: { ...target } });
  }

  /** A failure that no node's record tells. */
  blamed(task: Task, error: EngineErrorRecord): void {
    task.failure_signatures.push(failureSignatureOf(error));
  }

  failed(task: Task, error: EngineErrorRecord | null): void {
    changeStatus(task, 'failed', this.#now());
    this.#tell('task_failed', { task }, { error, ...lineageOf(task) });
  }

  /** `status`: `cancelled` overrides what the task has. */
  concluded(task: Task, status: Status = task.status): void {
    const at = this.#now();
    changeStatus(task, status, at);
    changeLifecycle(task, 'concluded', at);
    this.#tell(
      'task_completed',
      { task },
      {
        status: externalStatus(task.status),
        lifecycle: task.lifecycle,
        output: task.current_output,
        ...lineageOf(task),
      },
    );
  }

  #now(): string {
    return isoTime(this.#clock);
  }

  #tell(
    name: EventName,
    { task, node }: { readonly task: Task; readonly node?: WorkflowNode },
    payload: Occurrence['payload'],
  ): void {
    this.#events.emit({ name, task_id: task.task_id, stage_id: node?.id ?? null, payload });
  }
}

function lineageOf({ parent_task_id, lineage_type }: Task) {
  return parent_task_id === null ? {} : { parent_task_id, lineage_type };
}
