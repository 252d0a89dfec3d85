export { Engine } from './engine/engine.ts';
export type { ConfigCheck, QueueOptions, RunOptions } from './engine/engine.ts';
export { openTaskArchive } from './engine/open-task-archive.ts';
export type { TaskArchive } from './engine/open-task-archive.ts';
export { checkEngineHealth } from './engine/deployment/check-engine-health.ts';
export type { HealthCheck, HealthReport, HealthStatus } from './engine/deployment/health.ts';
export type { CheckpointPolicy, EngineOptions, LlmFactory } from './engine/assembly/engine-options.ts';
export {
  AggregateManifestError,
  CliError,
  CommandError,
  CredentialNotFoundError,
  DAGValidationError,
  EngineError,
  ManifestLoadError,
  SchemaValidationError,
} from './engine/errors.ts';
export type { EngineFaultCode, ManifestError } from './engine/errors.ts';
export { StorageError } from './engine/storage/storage-error.ts';
export type { StorageErrorCode } from './engine/storage/storage-error.ts';
export { ToolError } from './engine/tools/errors.ts';
export type { ToolErrorCode } from './engine/tools/errors.ts';

export type { EngineClock, EngineIds } from './engine/model/engine-ports.ts';
export type { EngineErrorRecord } from './engine/model/error-record.ts';
export type { EngineEvent } from './engine/model/engine-event.ts';
export type { JsonObject, JsonValue } from './engine/model/json.ts';
export type { RunResult, TraceEntry } from './engine/model/run-result.ts';
export type { StageExecutionRecord } from './engine/model/stage-record.ts';
export type { TaskView } from './engine/model/task.ts';
export type { ToolCallRecord } from './engine/model/tool-call.ts';
export type { WorkflowNode } from './engine/model/workflow.ts';

export type { DeterministicOp, NodeContext, OpError, OpResult } from './engine/nodes/deterministic-op.ts';
export type { LlmClient, LlmRequest, ToolContext, ToolHandler } from './engine/tools/tool-ports.ts';
export type { MemoryItem } from './engine/memory/memory-item.ts';
export type { MemoryStore } from './engine/memory/memory-store.ts';
export type { GlobalMemory } from './engine/memory/global-memory.ts';
export type { Memories } from './engine/memory/memories.ts';
export type { ProjectMemory } from './engine/memory/project-memory.ts';
export type { TaskMemory } from './engine/memory/task-memory.ts';
export type { Confirm, Remark } from './engine/memory/typed-memory.ts';
export { PluginBase } from './engine/plugins/plugin.ts';
export type { Plugin } from './engine/plugins/plugin.ts';
export type { EngineExtensions, MadeTool } from './engine/assembly/engine-parts.ts';
export type { CustomAssertion } from './engine/evaluations/check-assertion.ts';
export type { EvaluationReport, EvaluationResult, Evaluator } from './engine/evaluations/evaluator.ts';
export type { Inspector, LineageTree } from './engine/inspector/inspector.ts';
export type { Replay, ReplayStep } from './engine/inspector/replay.ts';
export type { QueueResult } from './engine/scheduler/run-queued.ts';

export type { Command, CommandContext, CommandFunction } from './engine/repl/command.ts';
export type { LineRead, ReplTerminal } from './engine/repl/repl-terminal.ts';
export { createStreamTerminal } from './engine/repl/stream-terminal.ts';
export type { Repl } from './engine/repl/repl.ts';

// What the signatures above mention.
export type {
  LlmFactory as AdapterLlmFactory,
  MemoryStoreFactory,
  ToolFactory,
} from './engine/adapters/adapter-registry.ts';
export type { ArtifactStore } from './engine/artifacts/artifact-store.ts';
export type { CredentialProvider } from './engine/credentials/credential-provider.ts';
export type { AssertionResult, EvaluatedRun } from './engine/evaluations/check-assertion.ts';
export type { SuiteResult } from './engine/evaluations/evaluator.ts';
export type {
  InspectedArtifact,
  InspectedContext,
  InspectedError,
  TaskHistory,
  TaskSummary,
} from './engine/inspector/inspector.ts';
export type { ContextRetriever } from './engine/memory/context-assembler.ts';
export type { MemoryQuery } from './engine/memory/memory-query.ts';
export type { EngineMetadata } from './engine/metadata/engine-metadata.ts';
export type { MetricSample, MetricsCollector } from './engine/metrics/metrics-collector.ts';
export type { ContextItem, ContextPackage } from './engine/model/context.ts';
export type {
  CliProfile,
  EvaluationCase,
  EvaluationSuite,
  MemoryStoreConfig,
  ToolDefinition,
} from './engine/model/manifest-set.ts';
export type { ContextMetadata } from './engine/model/stage-record.ts';
export type { Task } from './engine/model/task.ts';
export type { ToolPlan } from './engine/model/tool-call.ts';
export type { EvaluationStatus, NodeRole } from './engine/model/vocabulary.ts';
export type { SchemaRef } from './engine/model/workflow.ts';
export type { ReplOptions } from './engine/open-repl.ts';
export type { PluginRegistry } from './engine/plugins/plugin-registry.ts';
export type { ReplEngine } from './engine/repl/repl-engine.ts';
export type { SessionEntry } from './engine/repl/session-entry.ts';
export type { StreamTerminalOptions } from './engine/repl/stream-terminal.ts';
export type { QueueStatus, TaskQueue } from './engine/scheduler/task-queue.ts';
export type { CheckpointStore } from './engine/tasks/checkpoint-store.ts';
export type { ToolReply } from './engine/tools/tool-session.ts';
