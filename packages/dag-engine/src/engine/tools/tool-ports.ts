import type { ArtifactMetadata } from '../model/artifact.ts';
import type { EngineClock, EngineIds } from '../model/engine-ports.ts';
import type { EventEmitter } from '../model/engine-event.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { AgentDefinition, ToolDefinition } from '../model/manifest-set.ts';
import type { PolicyTarget } from '../model/vocabulary.ts';
import type { SchemaRef } from '../model/workflow.ts';

/** Where a tool works, and for how long. */
export interface ToolContext {
  /** Absolute. */
  readonly workspaceRoot: string;
  /** The directory this tool is confined to, absolute and inside the workspace; handlers must stay in it. */
  readonly root: string;
  /** Aborts when the tool's or the node's time is over, or the run is cancelled. */
  readonly signal: AbortSignal;
}

/** What a tool does. May throw: a {@link ToolError} that says misuse fails the node, anything else only the call. */
export type ToolHandler = (inputs: JsonObject, context: ToolContext) => unknown;

/** A tool and what runs it. */
export interface ToolBinding {
  readonly definition: ToolDefinition;
  /** `llm` asks the model of the calling agent. */
  readonly run: ToolHandler | 'llm';
  /** Known to change the workspace, whatever the definition declares. */
  readonly mutates: boolean;
}

/** What a client is asked; the agent's `config` is spread in. */
export interface LlmRequest {
  readonly messages: readonly { readonly role: 'user'; readonly content: string }[];
  /** The same text as the message. */
  readonly prompt: string;
  readonly system?: string;
  readonly model: string;
  readonly signal: AbortSignal;
  readonly [setting: string]: unknown;
}

/** A model behind some provider. Contract: gives text or JSON data; rejects when it cannot; honours `signal`. */
export interface LlmClient {
  generate(request: LlmRequest): Promise<unknown>;
}

export interface LlmPort {
  /** `undefined` when nothing serves the agent's provider. */
  clientFor(agent: AgentDefinition): LlmClient | undefined;
}

interface SchemaIssueLike {
  readonly path: string;
  readonly message: string;
}

export interface SchemaChecker {
  /** Empty when the value is valid; never changes it. */
  check(ref: SchemaRef, value: JsonValue): readonly SchemaIssueLike[];
  schemaOf(ref: SchemaRef): JsonObject | boolean;
}

export interface PolicyChecker {
  check(
    target: PolicyTarget,
    id: string,
  ): { readonly allowed: true } | { readonly allowed: false; readonly reason: string; readonly set: string };
}

export type NewArtifact = Omit<ArtifactMetadata, 'artifact_id' | 'timestamp'> & {
  readonly payload: JsonValue;
};

interface ArtifactSink {
  add(artifact: NewArtifact): unknown;
}

/** What calling tools needs. */
export interface ToolPorts {
  readonly tools: ReadonlyMap<string, ToolBinding>;
  readonly schemas: SchemaChecker;
  readonly policy: PolicyChecker;
  readonly llm: LlmPort;
  readonly events: EventEmitter;
  readonly artifacts: ArtifactSink;
  readonly clock: EngineClock;
  readonly ids: EngineIds;
  /** Absolute. */
  readonly workspaceRoot: string;
}
