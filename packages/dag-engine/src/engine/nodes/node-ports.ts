import type { Memories } from '../memory/memories.ts';
import type { ContextPackage } from '../model/context.ts';
import type { EngineErrorRecord } from '../model/error-record.ts';
import type { ContextMetadata, StageExecutionRecord } from '../model/stage-record.ts';
import type { Task } from '../model/task.ts';

export interface AssembledContext {
  readonly package: ContextPackage | null;
  readonly metadata: ContextMetadata | null;
}

/** Where nodes get what they may read. */
export interface ContextSource {
  assemble(task: Task, contextId: string): Promise<AssembledContext | { readonly error: EngineErrorRecord }>;
}

/** What tasks remember. */
export interface NodeMemory {
  /** Keeps what a node that succeeded did. A rejection fails the node. */
  remember(task: Task, record: StageExecutionRecord): Promise<void> | void;
  /** What a node may remember by itself. Contract: adding rejects once `hasEnded` says so. */
  memoriesOf(task: Task, hasEnded: () => boolean): Memories;
}
