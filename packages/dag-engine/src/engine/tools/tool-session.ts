import { isoTime } from '../model/engine-ports.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import { deepFreeze, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { AgentDefinition } from '../model/manifest-set.ts';
import type { Task } from '../model/task.ts';
import type { ToolCallRecord, ToolPlanStep } from '../model/tool-call.ts';
import type { WorkflowNode } from '../model/workflow.ts';
import { copyJson } from './copy-json.ts';
import { describeThrown, failure, recordFailure, success, type Failure, type Outcome } from './failure.ts';
import { gateTool } from './gate-tool.ts';
import { DRY_RUN, rehearseTool, runTool, type ToolRunEnd } from './run-tool.ts';
import type { ToolBinding, ToolPorts } from './tool-ports.ts';

/** Who calls tools. */
export interface ToolCaller {
  readonly task: Pick<Task, 'task_id' | 'spec'>;
  readonly node: WorkflowNode;
  readonly agent: AgentDefinition | null;
}

/** What became of a call of a tool. */
export type ToolReply =
  | { readonly status: 'completed'; readonly output: JsonValue }
  /** The error fails the node too when it is misuse; otherwise it is in the call's record only. */
  | { readonly status: 'failed'; readonly error: EngineErrorRecord }
  /** The tool is switched off. */
  | { readonly status: 'skipped' };

/** A call that has begun. */
interface OpenCall extends Pick<ToolCallRecord, 'call_id' | 'inputs' | 'started_at' | 'metadata'> {
  readonly binding: ToolBinding;
}

/**
 * The tool calls of one node execution. They run one after the other in the order they are asked for, whoever asks at
 * once; after the first misuse and after {@link ToolSession.close} none begins. `call` never rejects.
 */
export class ToolSession {
  readonly #ports: ToolPorts;
  readonly #caller: ToolCaller;
  readonly #records: ToolCallRecord[] = [];
  readonly #ending = new AbortController();
  #tail: Promise<unknown> = Promise.resolve();
  #open: OpenCall | null = null;
  /** Why no further call begins. */
  #stopped: Failure | null = null;
  #misuse: Failure | null = null;

  constructor(ports: ToolPorts, caller: ToolCaller) {
    this.#ports = ports;
    this.#caller = caller;
  }

  /** Calls that ran, in order; the failed ones too. */
  get records(): readonly ToolCallRecord[] {
    return this.#records;
  }

  /** The first use of a tool that must fail the node. */
  get misuse(): Failure | null {
    return this.#misuse;
  }

  call(step: Omit<ToolPlanStep, 'inputs'> & { readonly inputs: unknown }): Promise<ToolReply> {
    const reply = this.#tail.then(async () => {
      try {
        return await this.#perform(step);
      } catch (thrown) {
        const message = `calling tool "${step.tool_id}": ${describeThrown(thrown)}`;
        return this.#refuse({
          error_id: 'tool_runtime_failed',
          code: 'internal',
          message,
          source: 'tool_runtime',
        });
      }
    });
    this.#tail = reply;
    return reply;
  }

  /** Ends the session; a call that is still running is aborted and recorded as failed with `why`. */
  close(why: Failure): void {
    const open = this.#open;
    this.#stopped ??= why;
    if (open === null) return;
    try {
      this.#settle(open, failure(why));
    } finally {
      this.#ending.abort();
    }
  }

  async #perform(step: Parameters<ToolSession['call']>[0]): Promise<ToolReply> {
    if (this.#stopped !== null) return this.#failed(this.#stopped);
    const { task, node } = this.#caller;
    const gate = gateTool({
      toolId: step.tool_id,
      binding: this.#ports.tools.get(step.tool_id),
      node,
      mode: task.spec.mode,
      policy: this.#ports.policy,
    });
    if (gate.kind === 'skip') return { status: 'skipped' };
    if (gate.kind === 'refuse') {
      if (gate.policyReason !== undefined) this.#denied(step.tool_id, gate.policyReason);
      return this.#refuse(gate.failure);
    }
    const inputs = plainInputs(step);
    if (!inputs.ok) return this.#refuse(inputs.failure);
    const rehearsed = gate.kind === 'rehearse';
    const call = this.#begin(gate.binding, inputs.value, {
      reason: step.reason,
      kind: step.kind,
      ...(gate.binding.definition.risk_level === 'high' ? { require_review: true } : {}),
      ...(rehearsed ? DRY_RUN : {}),
    });
    return this.#conclude(call, rehearsed ? rehearseTool(this.#ports, call) : await this.#run(call));
  }

  #begin(binding: ToolBinding, inputs: JsonObject, metadata: JsonObject): OpenCall {
    const { ids, clock } = this.#ports;
    const call = { call_id: `call-${ids.hex(8)}`, binding, inputs, metadata, started_at: isoTime(clock) };
    this.#open = call;
    const { tool_id } = binding.definition;
    this.#emit('tool_invoked', { tool_id, inputs, call_id: call.call_id });
    return call;
  }

  #run({ binding, inputs }: OpenCall): Promise<ToolRunEnd> {
    return runTool(this.#ports, { binding, inputs, agent: this.#caller.agent, signal: this.#ending.signal });
  }

  /** A call nobody waits for any more is left to {@link ToolSession.close}, which knows why. */
  #conclude(call: OpenCall, end: ToolRunEnd): ToolReply {
    if (end === 'aborted' || this.#open !== call) {
      return this.#failed(this.#stopped ?? abandoned(call.binding.definition.tool_id));
    }
    const error = this.#settle(call, end);
    if (end.ok) return { status: 'completed', output: end.value };
    if (end.failure.misuse) this.#stop(end.failure);
    return { status: 'failed', error: error ?? this.#stamp(end.failure) };
  }

  #settle(call: OpenCall, end: Outcome<JsonValue>): EngineErrorRecord | null {
    this.#open = null;
    const { call_id, inputs, started_at, metadata, binding } = call;
    const { tool_id } = binding.definition;
    const error = end.ok ? null : this.#stamp(end.failure);
    const output = end.ok ? end.value : null;
    const record = deepFreeze({
      call_id,
      tool_id,
      stage_id: this.#caller.node.id,
      inputs,
      output,
      error,
      started_at,
      completed_at: isoTime(this.#ports.clock),
      metadata,
    });
    this.#records.push(record);
    if (error === null) this.#emit('tool_completed', { tool_id, output, status: 'success', call_id });
    else this.#emit('tool_failed', { tool_id, error, call_id });
    this.#keep(record, binding);
    return error;
  }

  #keep({ tool_id, call_id, inputs, output, error }: ToolCallRecord, { definition }: ToolBinding): void {
    const schema = definition.outputs_schema_id;
    this.#ports.artifacts.add({
      task_id: this.#caller.task.task_id,
      node_id: this.#caller.node.id,
      artifact_type: 'tool_result',
      schema_ref: error === null && typeof schema === 'string' ? schema : null,
      additional_metadata: { tool_call_id: call_id, status: error === null ? 'success' : 'failure' },
      payload: { tool_name: tool_id, arguments: inputs, result: output },
    });
  }

  #refuse(what: Failure): ToolReply {
    this.#stop(what);
    return this.#failed(what);
  }

  #stop(misuse: Failure): void {
    this.#misuse ??= misuse;
    this.#stopped ??= misuse;
  }

  #failed(what: Failure): ToolReply {
    return { status: 'failed', error: this.#stamp(what) };
  }

  #stamp(what: Failure): EngineErrorRecord {
    const { task, node } = this.#caller;
    return deepFreeze(
      recordFailure(what, { task_id: task.task_id, stage_id: node.id, clock: this.#ports.clock }),
    );
  }

  #denied(toolId: string, reason: string): void {
    this.#emit('policy_denied', { target: 'tool', target_id: toolId, reason });
  }

  #emit(
    name: 'tool_invoked' | 'tool_completed' | 'tool_failed' | 'policy_denied',
    payload: Readonly<Record<string, JsonValue | object>>,
  ): void {
    const { task, node } = this.#caller;
    this.#ports.events.emit({ name, task_id: task.task_id, stage_id: node.id, payload });
  }
}

function plainInputs({
  tool_id,
  inputs,
}: {
  readonly tool_id: string;
  readonly inputs: unknown;
}): Outcome<JsonObject> {
  const copied = copyJson(inputs);
  if (copied.ok && isJsonObject(copied.value)) return success(copied.value);
  const reason = copied.ok ? 'are not an object' : `${copied.path} ${copied.reason}`;
  return failure({
    error_id: 'tool_input_invalid',
    code: 'tool',
    message: `inputs of tool "${tool_id}" ${reason}`,
    source: 'tool_runtime',
    misuse: true,
  });
}

function abandoned(toolId: string): Failure {
  return {
    error_id: 'tool_aborted',
    code: 'tool',
    message: `nobody waits for tool "${toolId}" any more`,
    source: 'tool_runtime',
  };
}
