import type { Occurrence } from '../../src/engine/model/engine-event.ts';
import { isoTime, type EngineClock, type EngineIds } from '../../src/engine/model/engine-ports.ts';
import type { EngineErrorRecord } from '../../src/engine/model/error-record.ts';
import type { JsonValue } from '../../src/engine/model/json.ts';
import type { StageExecutionRecord } from '../../src/engine/model/stage-record.ts';
import type { Task, TaskView } from '../../src/engine/model/task.ts';
import type { NodeExecutor, NodeVisit } from '../../src/engine/routing/node-executor.ts';
import { routeTask } from '../../src/engine/routing/route-task.ts';
import type { RouteOutcome } from '../../src/engine/routing/routing-run.ts';
import { TaskStore } from '../../src/engine/tasks/task-store.ts';
import type { TestGraph } from './graph-of.ts';

/** What a node does: gives an output, or `fails`. Default: its input. */
export type Script = (visit: ScriptedVisit) => JsonValue | typeof FAILS;
/** `seq` numbers the executions of the run. */
export type ScriptedVisit = Pick<NodeVisit, 'node' | 'input' | 'seq'>;
export const FAILS = Symbol('fails');

/** What a run left, wherever it ran. */
export interface TracedRun extends RouteOutcome {
  readonly root: TaskView;
  readonly tasks: {
    getTask(taskId: string): TaskView | undefined;
    getAllTasks(): readonly TaskView[];
  };
  readonly events: readonly Occurrence[];
}

export interface ScriptedRun extends TracedRun {
  readonly root: Task;
  readonly tasks: TaskStore;
}

/** A clock that advances by a millisecond whenever it is read. */
export function tickingClock(): EngineClock {
  let nowMs = Date.UTC(2024, 0, 1);
  return { nowMs: () => (nowMs += 1) };
}

export function countingIds(): EngineIds {
  let count = 0;
  const hex = (digits: number) => (count += 1).toString(16).padStart(digits, '0');
  return { hex, uuid: () => `00000000-0000-4000-8000-${hex(12)}` };
}

/** Routes a task through a graph whose nodes do what a script says. */
export async function runScript(
  graph: TestGraph,
  script: Script = ({ input }) => input,
  options: {
    readonly request?: JsonValue;
    readonly signal?: AbortSignal;
    /** Default: a store of its own. */
    readonly tasks?: TaskStore;
    readonly onRecorded?: (task: Task) => void;
    readonly onConcluded?: (task: Task) => void;
  } = {},
): Promise<ScriptedRun> {
  const clock = tickingClock();
  const { request = 'request', tasks = new TaskStore({ clock, ids: countingIds() }), ...rest } = options;
  const events: Occurrence[] = [];
  const emitter = { emit: (occurrence: Occurrence) => void events.push(occurrence) };
  const executor = scriptedExecutor(script, emitter, clock);
  const root = tasks.createRoot({ request });
  const startNodeId = graph.nodes.find((node) => node.role === 'start')!.id;
  const run = { graph, tasks, events: emitter, clock, executor, ...rest };
  const outcome = await routeTask(run, { task: root, startNodeId });
  return { ...outcome, root, tasks, events };
}

function scriptedExecutor(
  script: Script,
  events: { emit(occurrence: Occurrence): void },
  clock: EngineClock,
): NodeExecutor {
  return {
    async execute(visit) {
      const { task, node, input } = visit;
      const place = { task_id: task.task_id, stage_id: node.id };
      const started_at = isoTime(clock);
      const { role, kind } = node;
      events.emit({ name: 'node_started', ...place, payload: { role, kind, input } });
      const output = node.role === 'start' ? task.spec.request : input;
      const scripted = script({ ...visit, input: output });
      const error = scripted === FAILS ? failure(visit) : visit.checkOutput(scripted);
      const record = recordOf(
        visit,
        { output: scripted === FAILS ? null : scripted, error, started_at },
        clock,
      );
      if (error) events.emit({ name: 'node_failed', ...place, payload: { error } });
      else {
        events.emit({
          name: 'node_completed',
          ...place,
          payload: { output: record.output, status: 'completed' },
        });
      }
      return record;
    },
  };
}

function recordOf(
  { task, node, input, seq }: NodeVisit,
  result: { output: JsonValue; error: EngineErrorRecord | null; started_at: string },
  clock: EngineClock,
): StageExecutionRecord {
  return {
    task_id: task.task_id,
    seq,
    attempt: 1,
    node_id: node.id,
    node_role: node.role,
    node_kind: node.kind,
    input,
    ...result,
    node_status: result.error ? 'failed' : 'completed',
    tool_plan: null,
    tool_calls: [],
    context_profile_id: null,
    context_metadata: null,
    completed_at: isoTime(clock),
  };
}

function failure({ task, node }: NodeVisit): EngineErrorRecord {
  return {
    error_id: 'scripted_failure',
    code: 'agent',
    message: `"${node.id}" fails`,
    source: 'agent_runtime',
    severity: 'error',
    details: null,
    stage_id: node.id,
    task_id: task.task_id,
    timestamp: null,
  };
}

/** `task_started`, `node_completed@b[clone-0]`, …: names, nodes, and the task where it is not the root. */
export function traceLines({ events, root }: TracedRun): readonly string[] {
  return events.map(({ name, stage_id, task_id }) => {
    const task = task_id?.slice(root.task_id.length + 1) ?? '';
    return `${name}${stage_id === null ? '' : `@${stage_id}`}${task === '' ? '' : `[${task}]`}`;
  });
}

/** `b`, `l1(clone-0)`, `m{clone-0,clone-1}`: each node execution with its task and merge inputs. */
export function nodeLines({ trace, tasks, root }: TracedRun): readonly string[] {
  const short = (id: string) => id.slice(root.task_id.length + 1) || 'root';
  return trace.map(({ task_id, node_id, seq, status }) => {
    const record = tasks.getTask(task_id)?.history.find((candidate) => candidate.seq === seq);
    const inputs = record?.node_role === 'merge' ? mergeInputs(record) : null;
    const task = task_id === root.task_id ? '' : `(${short(task_id)})`;
    return `${node_id}${task}${inputs === null ? '' : `{${inputs.map(short).join(',')}}`}${status === 'failed' ? '!' : ''}`;
  });
}

/** Ids of the tasks whose outputs a merge got. */
export function mergeInputs({ input }: Pick<StageExecutionRecord, 'input'>): readonly string[] {
  return (input as { merge_inputs: { task_id: string }[] }).merge_inputs.map((item) => item.task_id);
}
