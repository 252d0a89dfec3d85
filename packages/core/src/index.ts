export { InputError, isSwarmError, SwarmError, toSwarmError } from './errors.ts';
export type { ErrorDetails, ErrorKind, ErrorTraits, InputErrorCode } from './errors.ts';
export { createRedactor, Secret } from './secret.ts';
export {
  attemptIdOf,
  AttemptIdSchema,
  BranchNameSchema,
  CommitShaSchema,
  RunIdSchema,
  TaskIdSchema,
} from './ids.ts';
export type { AttemptId, BranchName, CommitSha, RunId, TaskId } from './ids.ts';
export { attemptRef, runRefs, snapshotRefs } from './attempt-refs.ts';

export {
  baseOfScopePath,
  isInScope,
  isRepoPath,
  ScopePathSchema,
  scopePathsOverlap,
} from './scope/repo-path.ts';
export { findUndeclaredFiles, FORBIDDEN_PATHS } from './scope/hand-in.ts';
export type { ScopeRules } from './scope/hand-in.ts';

export {
  FeatureListSchema,
  FeatureSchema,
  FeatureStatusSchema,
  parseFeatureList,
} from './protocol/feature.ts';
export type { Feature, FeatureList } from './protocol/feature.ts';
export { TaskSchema } from './protocol/task.ts';
export type { Task } from './protocol/task.ts';
export { EvidenceSchema } from './protocol/evidence.ts';
export type { Evidence } from './protocol/evidence.ts';
export { AgentReportSchema, HandoffSchema } from './protocol/handoff.ts';
export type { AgentReport, Handoff } from './protocol/handoff.ts';
export { GatewayAddressSchema, TaskAssignmentSchema } from './protocol/assignment.ts';
export type { GatewayAddress, TaskAssignment } from './protocol/assignment.ts';
export { ProgressUpdateSchema, TranscriptFrameSchema, WorkerFrameSchema } from './protocol/worker-frame.ts';
export type { ProgressUpdate, TranscriptFrame, WorkerFrame } from './protocol/worker-frame.ts';
export { AttemptFailureReasonSchema, TaskResultSchema } from './protocol/task-result.ts';
export type { AttemptFailureReason, TaskResult } from './protocol/task-result.ts';
export { MetricsSnapshotSchema } from './protocol/metrics.ts';
export type { MetricsSnapshot } from './protocol/metrics.ts';

export { resolveConfig } from './config/settings.ts';
export type { SettingSource } from './config/settings.ts';
export { SETTINGS } from './config/settings-table.ts';
export type { Setting } from './config/settings-table.ts';
export { ModelRoleSchema, SwarmConfigSchema } from './config/swarm-config.ts';
export type {
  EndpointConfig,
  ModelChoice,
  ModelRole,
  SwarmConfig,
  SwarmConfigKey,
} from './config/swarm-config.ts';
export { BudgetPolicySchema } from './config/budget-policy.ts';
export type { BudgetLimits, BudgetPolicy } from './config/budget-policy.ts';
export { PriceSchema } from './config/price.ts';
export type { Price } from './config/price.ts';
export { budgetPolicyOf, budgetSettingsOf } from './config/budget-settings.ts';
export type { BudgetSettings } from './config/budget-settings.ts';

export { EVENT_VERSION, isDurableEvent, RunEventSchema } from './events/run-event.ts';
export type { RunEvent, RunEventOf } from './events/run-event.ts';
export type { EndpointReport, RunOutcome } from './events/run-events.ts';
export type { GateFailure, QueueEvent, RefusalReason, ResolvedPath } from './events/queue-events.ts';
export type { CallRoute, ModelCalledEvent } from './events/model-events.ts';
export type { BudgetEvent } from './events/budget-events.ts';

export { applyRecord, foldRecords } from './run-state/fold.ts';
export { activeMsUntil } from './run-state/fold-run.ts';
export { landedFeatures, snapshotMetrics } from './run-state/metrics.ts';
export { INITIAL_RUN_STATE } from './run-state/run-state.ts';
export type {
  AttemptState,
  AttemptStatus,
  LandingIntent,
  ModelUsage,
  RoutedCalls,
  UsageFigures,
  PlanningState,
  QueueState,
  RunState,
  TaskOutcome,
  TaskState,
  TaskStatus,
} from './run-state/run-state.ts';

export type { Spend, SpendState } from './run-state/spend-state.ts';

export { silentLogger } from './ports/logger.ts';
export type { LogFields, Logger } from './ports/logger.ts';
export { systemClock } from './ports/clock.ts';
export type { Clock } from './ports/clock.ts';
export { randomIdSource } from './ports/id-source.ts';
export type { IdSource } from './ports/id-source.ts';
export type { EventSink, Journal, JournalRecord } from './ports/journal.ts';
export type {
  FollowOptions,
  Sandbox,
  SandboxBackend,
  SandboxPaths,
  SandboxSummary,
  TransferOptions,
} from './ports/sandbox.ts';
export type { ExecHandle, ExecRequest, ExecResult, OutputChunk } from './ports/sandbox-exec.ts';
export type {
  AllowedHosts,
  NetworkPolicy,
  SandboxLabels,
  SandboxLimit,
  SandboxLimits,
  SandboxSpec,
} from './ports/sandbox-spec.ts';
