import { Engine, type DeterministicOp, type EngineOptions, type JsonValue } from '../../src/engine.ts';
import type { ArtifactRecord } from '../../src/engine/model/artifact.ts';
import type { RunResult } from '../../src/engine/model/run-result.ts';
import type { WorkflowNode } from '../../src/engine/model/workflow.ts';
import { createConfigDirectory, node, type FileContent } from './config-directory.ts';
import type { TestGraph } from './graph-of.ts';
import { fixedClock, numberedIds } from './open-engine.ts';
import { FAILS, type Script, type TracedRun } from './scripted-run.ts';

export interface FrontDoorRun extends TracedRun {
  readonly result: RunResult;
  readonly artifacts: readonly ArtifactRecord[];
}

/** A workflow as `workflow.yaml` declares it. */
export function manifestOf({ nodes, edges }: Pick<TestGraph, 'nodes' | 'edges'>): FileContent {
  return { nodes: nodes.map(declaration), edges };
}

function declaration({ id, role, ...rest }: WorkflowNode): object {
  const { continue_on_failure, always_fail, merge_failure_mode, merge_strategy, default_start, join } = rest;
  return node(id, role, {
    default_start,
    continue_on_failure,
    ...(role === 'exit' ? { always_fail } : {}),
    ...(role === 'merge' ? { merge_failure_mode, merge: { strategy: merge_strategy } } : {}),
    ...(join === null ? {} : { join }),
  });
}

/** Loads a workflow whose nodes do what a script says; time stands still and ids are numbered. */
export async function openScripted(
  graph: TestGraph,
  script: Script,
  options: EngineOptions & { readonly files?: Readonly<Record<string, FileContent>> } = {},
) {
  const { files = {}, ...rest } = options;
  const directory = await createConfigDirectory({ 'workflow.yaml': manifestOf(graph), ...files });
  const engine = await Engine.fromConfigDir(directory.path, {
    clock: fixedClock,
    idGenerator: numberedIds(),
    checkpoint: 'never',
    deterministicOps: scriptedOps(graph, script),
    ...rest,
  });
  return {
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

function scriptedOps({ nodes }: TestGraph, script: Script): Readonly<Record<string, DeterministicOp>> {
  const executions = new Map<string, number>();
  const op: DeterministicOp = (task, visited, { input }) => {
    const run = task.task_id.replace(/-(clone|subtask)-.*$/, '');
    const seq = (executions.get(run) ?? 0) + 1;
    executions.set(run, seq);
    const seen = visited.role === 'start' ? task.spec.request : input;
    const scripted = script({ node: visited, input: seen, seq });
    if (scripted !== FAILS) return { output: scripted };
    return { error: { error_id: 'scripted_failure', code: 'agent', message: `"${visited.id}" fails` } };
  };
  return Object.fromEntries(nodes.map(({ id }) => [id, op]));
}

/** Runs a workflow at the engine's front door whose nodes do what a script says. */
export async function runAtFrontDoor(
  graph: TestGraph,
  script: Script = ({ input }) => input,
  request: JsonValue = 'request',
): Promise<FrontDoorRun> {
  await using opened = await openScripted(graph, script);
  return await runScripted(opened.engine, request);
}

/** Runs one input and takes down what it left, apart from other runs. */
export async function runScripted(engine: Engine, request: JsonValue = 'request'): Promise<FrontDoorRun> {
  const result = await engine.run(request);
  return traceOf(engine, result);
}

function traceOf(engine: Engine, result: RunResult): FrontDoorRun {
  const { task_id, trace, error } = result;
  const { tasks, events, artifacts } = recordsOf(engine, task_id);
  return {
    result,
    trace,
    error,
    root: engine.getTask(task_id)!,
    tasks: { getTask: (id) => tasks.find((task) => task.task_id === id), getAllTasks: () => tasks },
    events,
    artifacts,
  };
}

/** What an engine knows of a task and its descendants. */
export function recordsOf(engine: Engine, rootId: string) {
  const isOwn = (id: string | null) => id === rootId || id?.startsWith(`${rootId}-`) === true;
  return {
    tasks: engine.getAllTaskIds().flatMap((id) => (isOwn(id) ? (engine.getTask(id) ?? []) : [])),
    events: engine.getEvents().filter((event) => isOwn(event.task_id)),
    artifacts: engine
      .getArtifactStore()
      .list()
      .filter(({ metadata }) => isOwn(metadata.task_id)),
  };
}
