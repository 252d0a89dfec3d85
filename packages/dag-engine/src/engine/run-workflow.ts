import { ArtifactStore } from './artifacts/artifact-store.ts';
import type { EngineParts } from './assembly/engine-parts.ts';
import { createRunIds } from './assembly/run-ids.ts';
import { createContextAssembler } from './memory/context-assembler.ts';
import { MemoryWriter } from './memory/memory-writer.ts';
import type { EventEmitter } from './model/engine-event.ts';
import type { EngineIds } from './model/engine-ports.ts';
import { createJsonFreezer } from './model/frozen-json.ts';
import type { RunResult } from './model/run-result.ts';
import type { Task } from './model/task.ts';
import { externalStatus } from './model/vocabulary.ts';
import { createNodeExecutor } from './nodes/create-node-executor.ts';
import type { RouteOutcome } from './routing/routing-run.ts';
import { routeTask } from './routing/route-task.ts';
import { CheckpointStore } from './tasks/checkpoint-store.ts';
import type { TaskRequest } from './tasks/task-spec.ts';
import { describeThrown } from './tools/failure.ts';

/** One input on its way through the DAG. */
export interface WorkflowRun {
  readonly request: TaskRequest;
  readonly startNodeId: string;
  readonly signal?: AbortSignal;
}

/**
 * Takes one input from a start node to its end. Everything that names or numbers something is the run's own, so runs
 * at the same time do not see each other in their records.
 */
export async function runWorkflow(parts: EngineParts, run: WorkflowRun): Promise<RunResult> {
  const { clock, tasks, streams } = parts;
  const startedMs = clock.nowMs();
  const task = tasks.createRoot(run.request);
  const ids = createRunIds(parts.ids, task.task_id);
  const events = streams.open();
  const memory = new MemoryWriter({ ...parts, events });
  const checkpoints = new CheckpointStore({ ...parts, events });
  const save = async (changed: Task) => {
    const error = await checkpoints.saveCheckpoint(changed);
    if (error !== null) parts.logger.warn({ task: changed.task_id, error: error.message }, 'no checkpoint');
  };
  const forget = async ({ task_id }: Task) => {
    try {
      await memory.forgetTask(task_id);
    } catch (error) {
      parts.logger.warn({ task: task_id, error: describeThrown(error) }, 'task memory not dropped');
    }
  };
  const { checkpoint = 'on_conclude' } = parts.options;
  const outcome = await routeTask(
    {
      graph: parts.graph,
      tasks,
      events,
      clock,
      executor: executorOf(parts, { ids, events, memory }),
      signal: run.signal,
      ...(checkpoint === 'every_node' ? { onRecorded: save } : {}),
      onConcluded: async (concluded) => {
        await forget(concluded);
        if (checkpoint !== 'never') await save(concluded);
      },
    },
    { task, startNodeId: run.startNodeId },
  );
  streams.end(events);
  return resultOf(parts, { task, run, outcome, startedMs });
}

function executorOf(
  parts: EngineParts,
  own: { readonly ids: EngineIds; readonly events: EventEmitter; readonly memory: MemoryWriter },
) {
  const { manifests, metadata, artifactRows, tasks, options } = parts;
  return createNodeExecutor({
    ...parts,
    ...own,
    agents: manifests.agents,
    context: createContextAssembler({
      stores: parts.stores,
      profiles: manifests.memory.context_profiles,
      policy: parts.policy,
      clock: parts.clock,
      events: own.events,
      parentOf: (taskId) => tasks.getTask(taskId)?.parent_task_id ?? null,
      headTailPreserve: manifests.memory.head_tail_preserve,
      retrievers: parts.adapters.retrievers(),
    }),
    artifacts: new ArtifactStore({
      rows: artifactRows,
      clock: parts.clock,
      ids: own.ids,
      manifestDigest: metadata.manifest_digest,
      redact: parts.redact,
    }),
    ...(options.nodeTimeoutMs === undefined ? {} : { nodeTimeoutMs: options.nodeTimeoutMs }),
  });
}

function resultOf(
  { clock, metadata, redact }: EngineParts,
  ended: {
    readonly task: Task;
    readonly run: WorkflowRun;
    readonly outcome: RouteOutcome;
    readonly startedMs: number;
  },
): RunResult {
  const { task, run, outcome, startedMs } = ended;
  const result: RunResult = {
    task_id: task.task_id,
    status: externalStatus(task.status),
    output: task.current_output,
    error: outcome.error,
    start_node: run.startNodeId,
    current_node: task.current_stage_id,
    history: task.history,
    node_sequence: outcome.trace.map(({ node_id }) => node_id),
    trace: outcome.trace,
    execution_time_ms: clock.nowMs() - startedMs,
    manifest_digest: metadata.manifest_digest,
  };
  return createJsonFreezer(redact)(result) as RunResult & ReturnType<ReturnType<typeof createJsonFreezer>>;
}
