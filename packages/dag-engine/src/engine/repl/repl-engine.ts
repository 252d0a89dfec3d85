import type { ArtifactRecord } from '../model/artifact.ts';
import type { EngineEvent } from '../model/engine-event.ts';
import type { JsonValue } from '../model/json.ts';
import type { RunResult } from '../model/run-result.ts';

/** A queued task as the REPL shows it. */
interface QueuedTaskLine {
  readonly task_id: string;
  readonly state: string;
}

/** What came of one. */
interface QueuedResultLine {
  readonly task_id: string;
  readonly status: string;
}

/** What the REPL needs of an engine. */
export interface ReplEngine {
  run(
    input: JsonValue,
    startNodeId?: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<RunResult>;
  getEvents(): readonly EngineEvent[];
  artifactsOfTask(taskId: string): readonly ArtifactRecord[];
  enqueue(input: JsonValue, startNodeId?: string): string;
  runQueued(options?: { readonly signal?: AbortSignal }): Promise<readonly QueuedResultLine[]>;
  queuedTasks(): readonly QueuedTaskLine[];
}
