import { Ajv, type ErrorObject } from 'ajv';
import { createNodeExecutor } from '../../src/engine/nodes/create-node-executor.ts';
import type { NodeExecutorOptions } from '../../src/engine/nodes/executor-options.ts';
import type { NodeVisit } from '../../src/engine/routing/node-executor.ts';
import type { NodeMemory } from '../../src/engine/nodes/node-ports.ts';
import { InMemoryStore } from '../../src/engine/memory/in-memory-store.ts';
import { createMemories } from '../../src/engine/memory/memories.ts';
import { MemoryWriter, ownerOf } from '../../src/engine/memory/memory-writer.ts';
import { OpRegistry } from '../../src/engine/nodes/op-registry.ts';
import type { EngineClock, EngineIds } from '../../src/engine/model/engine-ports.ts';
import type { Occurrence } from '../../src/engine/model/engine-event.ts';
import { deepFreeze, type JsonObject, type JsonValue } from '../../src/engine/model/json.ts';
import type { AgentDefinition, ToolDefinition } from '../../src/engine/model/manifest-set.ts';
import type { StageExecutionRecord } from '../../src/engine/model/stage-record.ts';
import type { Task } from '../../src/engine/model/task.ts';
import type { PolicyTarget, TaskMode } from '../../src/engine/model/vocabulary.ts';
import type { SchemaRef, WorkflowNode } from '../../src/engine/model/workflow.ts';
import type {
  LlmRequest,
  NewArtifact,
  SchemaChecker,
  ToolBinding,
  ToolHandler,
} from '../../src/engine/tools/tool-ports.ts';

export const WORKSPACE = '/workspace';

/** A millisecond passes whenever somebody looks. */
export function tickingClock(): EngineClock {
  let now = Date.UTC(2026, 0, 1);
  return { nowMs: () => now++ };
}

export function countingIds(): EngineIds {
  let count = 0;
  return {
    hex: (digits) => (count++).toString(16).padStart(digits, '0'),
    uuid: () => `uuid-${count++}`,
  };
}

export function taskOf(changes: Partial<Task> = {}, mode: TaskMode = 'implement'): Task {
  return {
    task_id: 'task-1',
    spec: {
      task_spec_id: 'spec-1',
      request: { want: 'a report' },
      mode,
      priority: 'normal',
      hints: [],
      files: [],
      overrides: [],
      metadata: {},
    },
    lifecycle: 'active',
    status: 'in_progress',
    current_stage_id: null,
    current_output: null,
    stage_results: {},
    history: [],
    routing_trace: [],
    failure_signatures: [],
    status_transitions: [],
    context_fingerprint: null,
    parent_task_id: null,
    lineage_type: null,
    lineage_metadata: {},
    task_memory_ref: 'task_memory:task-1',
    project_memory_ref: 'project_memory:default',
    global_memory_ref: 'global_memory:default',
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    child_task_ids: [],
    ...changes,
  };
}

export function nodeOf(changes: Partial<WorkflowNode> = {}): WorkflowNode {
  return {
    id: 'n',
    name: 'n',
    kind: 'deterministic',
    role: 'linear',
    default_start: false,
    agent_id: null,
    context: 'none',
    tools: [],
    inputs_schema_id: null,
    outputs_schema_id: null,
    continue_on_failure: false,
    always_fail: false,
    merge_strategy: 'identity',
    merge_failure_mode: 'fail_on_any',
    join: null,
    metadata: {},
    ...changes,
  };
}

export const AGENT_NODE = { kind: 'agent', agent_id: 'writer' } as const;

export function toolOf(changes: Partial<ToolDefinition> = {}): ToolDefinition {
  return {
    tool_id: 'lookup',
    type: 'function',
    kind: 'deterministic',
    name: 'lookup',
    description: 'Looks things up.',
    entrypoint: 'tools:lookup',
    inputs_schema_id: null,
    outputs_schema_id: null,
    capabilities: ['deterministic_safe'],
    risk_level: 'low',
    version: '1.0.0',
    enabled: true,
    timeout: null,
    allow_network: false,
    allow_shell: false,
    filesystem_root: null,
    ...changes,
  };
}

export function bind(
  run: ToolHandler | 'llm',
  changes: Partial<ToolDefinition> = {},
  mutates = false,
): ToolBinding {
  return { definition: toolOf(changes), run, mutates };
}

const WRITER: AgentDefinition = {
  id: 'writer',
  kind: 'agent',
  provider: 'scripted',
  model: 'small',
  config: { temperature: 0.2, system_prompt: 'You write.' },
  description: '',
};

export const SCHEMAS: Readonly<Record<string, JsonObject>> = {
  text: { type: 'string' },
  document: { type: 'object', required: ['title'], properties: { title: { type: 'string' } } },
};

function checkerOf(): SchemaChecker {
  const ajv = new Ajv({ allErrors: true });
  const schemaOf = (ref: SchemaRef): JsonObject => (typeof ref === 'string' ? SCHEMAS[ref]! : ref);
  const issue = ({ instancePath, message = '' }: ErrorObject) => ({ path: instancePath || '/', message });
  return {
    schemaOf,
    check: (ref, value) => {
      const validate = ajv.compile(schemaOf(ref));
      return validate(value) ? [] : (validate.errors ?? []).map(issue);
    },
  };
}

const memoriesInMemory: NodeMemory['memoriesOf'] = (task) => {
  const [inTask, inProject, everywhere] = [0, 1, 2].map(() => new InMemoryStore({ maxItems: null }));
  const stores = { task: inTask!, project: inProject!, global: everywhere! };
  const writer = new MemoryWriter({ stores, clock: tickingClock(), events: { emit: () => undefined } });
  return createMemories({ stores, writer, ids: countingIds(), owner: ownerOf(task) });
};

/** What the model answers: one item per request, the last for all further ones; functions are called. */
export type Script = readonly (JsonValue | object | ((request: LlmRequest) => unknown))[];

export interface StageSetup extends Partial<Omit<NodeExecutorOptions, 'tools' | 'policy' | 'memory'>> {
  readonly node?: Partial<WorkflowNode>;
  readonly task?: Task;
  readonly input?: JsonValue;
  readonly memory?: Partial<NodeMemory>;
  readonly signal?: AbortSignal;
  readonly op?: Parameters<OpRegistry['register']>[1];
  readonly tools?: readonly ToolBinding[];
  readonly replies?: Script;
  /** `target:id` of what is denied. */
  readonly denied?: readonly string[];
  readonly checkOutput?: NodeVisit['checkOutput'];
}

export interface StageTrial {
  readonly record: StageExecutionRecord;
  readonly events: readonly Occurrence[];
  readonly eventNames: readonly string[];
  readonly artifacts: readonly NewArtifact[];
  readonly remembered: readonly StageExecutionRecord[];
  readonly requests: readonly LlmRequest[];
}

/** Executes one node with the real executor; the ports around it are recorded. */
export async function executeStage(setup: StageSetup = {}): Promise<StageTrial> {
  const events: Occurrence[] = [];
  const artifacts: NewArtifact[] = [];
  const remembered: StageExecutionRecord[] = [];
  const requests: LlmRequest[] = [];
  const node = nodeOf(setup.node);
  const ops = new OpRegistry();
  if (setup.op) ops.register(node.id, setup.op);
  const { node: _node, task = taskOf(), input = 'in', signal, op: _op, tools = [], replies, ...rest } = setup;
  const { denied = [], checkOutput, memory, ...options } = rest;
  const client = {
    generate: async (request: LlmRequest) => {
      requests.push(request);
      const reply = replies?.[Math.min(requests.length, replies.length) - 1];
      return typeof reply === 'function' ? (reply as (asked: LlmRequest) => unknown)(request) : reply;
    },
  };
  const executor = createNodeExecutor({
    agents: [WRITER],
    tools: new Map(tools.map((tool) => [tool.definition.tool_id, tool])),
    schemas: checkerOf(),
    ops,
    llm: { clientFor: () => (replies === undefined ? undefined : client) },
    context: { assemble: async () => ({ package: null, metadata: null }) },
    events: { emit: (occurrence) => void events.push(occurrence) },
    artifacts: { add: (artifact) => artifacts.push(artifact) },
    memory: {
      remember: (_task, record) => void remembered.push(record),
      memoriesOf: memoriesInMemory,
      ...memory,
    },
    policy: {
      check: (target: PolicyTarget, id: string) =>
        denied.includes(`${target}:${id}`)
          ? { allowed: false, reason: `no ${target} ${id} today`, set: 'strict' }
          : { allowed: true },
    },
    clock: tickingClock(),
    ids: countingIds(),
    workspaceRoot: WORKSPACE,
    ...options,
  });
  const record = await executor.execute({
    task,
    node,
    input: deepFreeze(input),
    seq: 7,
    signal: signal ?? new AbortController().signal,
    checkOutput: checkOutput ?? (() => null),
  });
  return { record, events, eventNames: events.map(({ name }) => name), artifacts, remembered, requests };
}
