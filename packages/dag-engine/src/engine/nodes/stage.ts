import { isoTime } from '../model/engine-ports.ts';
import type { EventName } from '../model/engine-event.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import type { JsonValue } from '../model/json.ts';
import type { AgentDefinition } from '../model/manifest-set.ts';
import type { ToolPlan } from '../model/tool-call.ts';
import { recordFailure, type Failure } from '../tools/failure.ts';
import { ToolSession } from '../tools/tool-session.ts';
import type { NodeExecutorOptions } from './executor-options.ts';
import type { AssembledContext } from './node-ports.ts';
import type { NodeVisit } from '../routing/node-executor.ts';

export interface StageParts extends Omit<NodeExecutorOptions, 'agents'> {
  readonly agents: ReadonlyMap<string, AgentDefinition>;
  readonly nodeTimeoutMs: number;
}

/** How the work of a node ended. `output` is `undefined` when there is none; a failed node can have one. */
export interface StageEnd {
  readonly output: JsonValue | undefined;
  readonly failure: Failure | null;
}

/** One execution of one node, and what is known of it so far. */
export class Stage {
  readonly parts: StageParts;
  readonly visit: NodeVisit;
  /** `null` for deterministic nodes. */
  readonly agent: AgentDefinition | null;
  readonly startedAt: string;
  readonly session: ToolSession;
  context: AssembledContext | null = null;
  plan: ToolPlan | null = null;

  constructor(parts: StageParts, visit: NodeVisit) {
    const { task, node } = visit;
    const agentId = node.kind === 'agent' ? node.agent_id : null;
    this.parts = parts;
    this.visit = visit;
    this.agent = (agentId === null ? undefined : parts.agents.get(agentId)) ?? null;
    this.startedAt = isoTime(parts.clock);
    this.session = new ToolSession(parts, { task, node, agent: this.agent });
  }

  /** Events of an execution carry its number, because a node can run for several tasks. */
  emit(name: EventName, payload: Readonly<Record<string, JsonValue | object>>): void {
    const { task, node, seq } = this.visit;
    this.parts.events.emit({
      name,
      task_id: task.task_id,
      stage_id: node.id,
      payload: { ...payload, seq },
    });
  }

  record(failure: Failure): EngineErrorRecord {
    const { task, node } = this.visit;
    return recordFailure(failure, {
      task_id: task.task_id,
      stage_id: node.id,
      clock: this.parts.clock,
    });
  }
}
