import { isoTime } from '../model/engine-ports.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import type { JsonValue } from '../model/json.ts';
import type { TraceEntry } from '../model/run-result.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import type { Task } from '../model/task.ts';
import type { WorkflowNode } from '../model/workflow.ts';
import { snapshot } from '../tasks/snapshot.ts';
import { planRoute } from './plan-route.ts';
import { routingError, type RoutingFault } from './routing-fault.ts';
import type { RoutingRun } from './routing-run.ts';
import type { TaskLedger } from './task-ledger.ts';

/** The node executions of one run, numbered and recorded as they happen. */
export class NodeVisits {
  readonly trace: TraceEntry[] = [];
  readonly #run: RoutingRun;
  readonly #ledger: TaskLedger;
  readonly #signal: AbortSignal;

  constructor(run: RoutingRun, ledger: TaskLedger, signal: AbortSignal) {
    this.#run = run;
    this.#ledger = ledger;
    this.#signal = signal;
  }

  async execute(task: Task, node: WorkflowNode, input: JsonValue): Promise<StageExecutionRecord> {
    const record = await this.#run.executor.execute({
      task,
      node,
      input,
      seq: this.#nextSeq(),
      signal: this.#signal,
      checkOutput: (output) => {
        const route = planRoute(node, this.#run.graph.outEdges(node.id), output);
        return route.kind === 'fault' ? this.errorOf(task, node, route.fault) : null;
      },
    });
    return this.#record(task, record);
  }

  /** Records a node as failed without running it. */
  refuse(
    task: Task,
    node: WorkflowNode,
    { input, fault }: { readonly input: JsonValue; readonly fault: RoutingFault },
  ): StageExecutionRecord {
    const error = this.errorOf(task, node, fault);
    const at = this.#now();
    this.#ledger.refused(task, node, { input, error });
    return this.#record(task, {
      task_id: task.task_id,
      seq: this.#nextSeq(),
      attempt: 1,
      node_id: node.id,
      node_role: node.role,
      node_kind: node.kind,
      input,
      output: null,
      error,
      node_status: 'failed',
      tool_plan: null,
      tool_calls: [],
      context_profile_id: null,
      context_metadata: null,
      started_at: at,
      completed_at: at,
    });
  }

  errorOf(task: Task, node: WorkflowNode, fault: RoutingFault): EngineErrorRecord {
    return routingError(fault, { taskId: task.task_id, stageId: node.id, at: this.#now() });
  }

  #record(task: Task, told: StageExecutionRecord): StageExecutionRecord {
    const record = snapshot(told);
    const { seq, task_id, node_id, node_status: status } = record;
    this.trace.push({ seq, task_id, node_id, status });
    this.#ledger.recorded(task, record);
    return record;
  }

  #nextSeq(): number {
    return this.trace.length + 1;
  }

  #now(): string {
    return isoTime(this.#run.clock);
  }
}
