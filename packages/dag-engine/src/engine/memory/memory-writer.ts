import type { EventEmitter } from '../model/engine-event.ts';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';
import { createJsonFreezer, type JsonFreezer, type TextMapping } from '../model/frozen-json.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import type { ToolCallRecord } from '../model/tool-call.ts';
import type { StoreName } from '../model/vocabulary.ts';
import { projectIdOf } from '../tasks/task-spec.ts';
import type { MemoryStores, RememberingTask } from './gather-items.ts';
import type { MemoryItem } from './memory-item.ts';

export interface MemoryWriterOptions {
  readonly stores: MemoryStores;
  readonly clock: EngineClock;
  readonly events: EventEmitter;
  /** Removes known secret values from what is remembered. */
  readonly redact?: TextMapping;
}

/** On whose behalf something is remembered; `task_id` is `null` where no task does it. */
export interface MemoryOwner {
  readonly task_id: string | null;
  readonly project_id: string;
}

/** A task as an owner. */
export function ownerOf(task: Pick<RememberingTask, 'task_id' | 'spec'>): MemoryOwner & { task_id: string } {
  return { task_id: task.task_id, project_id: projectIdOf(task) };
}

/** An item without what the writer fills in: time and owner. */
export type Memory = Pick<MemoryItem, 'context_item_id' | 'kind' | 'source' | 'payload'> &
  Partial<Pick<MemoryItem, 'tags' | 'importance' | 'token_cost' | 'metadata'>>;

/** Puts what happens into memory, redacted, stamped and owned. */
export class MemoryWriter {
  readonly #options: MemoryWriterOptions;
  readonly #freeze: JsonFreezer;

  constructor(options: MemoryWriterOptions) {
    this.#options = options;
    this.#freeze = createJsonFreezer(options.redact);
  }

  /** Keeps one item; says `memory_persisted` where the store outlives the process. */
  async put(store: StoreName, memory: Memory, owner: MemoryOwner): Promise<MemoryItem> {
    const item = this.#complete(store, memory, owner);
    await this.#options.stores[store].put(item);
    this.#tell(store, owner, 1);
    return item;
  }

  /** Remembers a successful node in its task's memory: its output, and every tool call that gave one. */
  async remember(task: RememberingTask, record: StageExecutionRecord): Promise<void> {
    const calls = record.tool_calls.filter((call) => call.error === null);
    const memories = [stageOutputOf(record), ...calls.map((call) => toolOutputOf(call, record.task_id))];
    const owner = ownerOf(task);
    for (const memory of memories) await this.#options.stores.task.put(this.#complete('task', memory, owner));
    this.#tell('task', owner, memories.length);
  }

  /** Drops what a concluded task remembered, where that is not meant to outlive the process. */
  async forgetTask(taskId: string): Promise<void> {
    const store = this.#options.stores.task;
    if (!store.persistent) await store.clear(taskId);
  }

  #complete(store: StoreName, memory: Memory, owner: MemoryOwner): MemoryItem {
    const { kind, source, tags = [], payload, metadata = {} } = memory;
    const texts = this.#freeze({ kind, source, tags, payload, metadata }) as JsonObject & typeof memory;
    return {
      importance: null,
      token_cost: null,
      ...memory,
      tags,
      metadata,
      ...texts,
      timestamp: isoTime(this.#options.clock),
      task_id: store === 'task' ? owner.task_id : null,
      project_id: store === 'global' ? null : owner.project_id,
    };
  }

  /** Counts what was kept now: how much the store holds depends on other runs. */
  #tell(name: StoreName, { task_id }: MemoryOwner, itemCount: number): void {
    const store = this.#options.stores[name];
    if (!store.persistent) return;
    const payload = { store: name, backend: store.backend, item_count: itemCount };
    this.#options.events.emit({ name: 'memory_persisted', task_id, stage_id: null, payload });
  }
}

function stageOutputOf({ task_id, seq, node_id, output }: StageExecutionRecord): Memory {
  return {
    context_item_id: `${task_id}/${seq}`,
    kind: 'stage_output',
    source: node_id,
    tags: ['stage', node_id],
    importance: 0.5,
    payload: output,
  };
}

function toolOutputOf({ call_id, tool_id, output }: ToolCallRecord, taskId: string): Memory {
  const payload: JsonValue = { tool_id, output };
  return {
    context_item_id: `${taskId}/${call_id}`,
    kind: 'tool_output',
    source: `task/${taskId}`,
    tags: ['task', 'tool', tool_id],
    importance: 0.7,
    payload,
  };
}
