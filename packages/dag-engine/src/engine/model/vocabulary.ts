/** The wire values of the engine, in the order documents list them. */

export const STATUSES = [
  'pending',
  'in_progress',
  'completed',
  'failed',
  'partial',
  'cancelled',
  'blocked',
] as const;
/** Of tasks, nodes and tools. */
export type Status = (typeof STATUSES)[number];

export const LIFECYCLES = ['queued', 'active', 'suspended', 'concluded', 'archived'] as const;
export type Lifecycle = (typeof LIFECYCLES)[number];

export const TASK_MODES = ['analysis_only', 'implement', 'review', 'dry_run'] as const;
export type TaskMode = (typeof TASK_MODES)[number];

export const TASK_PRIORITIES = ['low', 'normal', 'high'] as const;
export type TaskPriority = (typeof TASK_PRIORITIES)[number];

export const NODE_KINDS = ['agent', 'deterministic'] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

export const NODE_ROLES = ['start', 'linear', 'decision', 'branch', 'split', 'merge', 'exit'] as const;
/** What a node is for in its workflow. */
export type NodeRole = (typeof NODE_ROLES)[number];

export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const ERROR_CODES = [
  'validation',
  'config',
  'routing',
  'tool',
  'agent',
  'json',
  'security',
  'unknown',
  'timeout',
  'internal',
] as const;
export type EngineErrorCode = (typeof ERROR_CODES)[number];

export const ERROR_SOURCES = [
  'config_loader',
  'runtime',
  'agent_runtime',
  'tool_runtime',
  'json_engine',
  'memory',
  'router',
  'task_manager',
  'policy',
  'scheduler',
] as const;
export type EngineErrorSource = (typeof ERROR_SOURCES)[number];

export const FAILURE_CODES = [
  'plan_invalid',
  'tool_failure',
  'json_error',
  'context_miss',
  'timeout',
  'unknown',
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

export const TOOL_KINDS = ['deterministic', 'llm_tool'] as const;
export type ToolKind = (typeof TOOL_KINDS)[number];

export const TOOL_RISK_LEVELS = ['low', 'medium', 'high'] as const;
export type ToolRiskLevel = (typeof TOOL_RISK_LEVELS)[number];

export const TOOL_STEP_KINDS = ['read', 'write', 'analyze', 'test'] as const;
export type ToolStepKind = (typeof TOOL_STEP_KINDS)[number];

export const TOOL_CAPABILITIES = [
  'deterministic_safe',
  'workspace_mutation',
  'external_network',
  'expensive',
] as const;
export type ToolCapability = (typeof TOOL_CAPABILITIES)[number];

export const EVENT_TYPES = [
  'task',
  'node',
  'agent',
  'tool',
  'routing',
  'memory',
  'error',
  'telemetry',
] as const;
/** The category of an event. */
export type EventType = (typeof EVENT_TYPES)[number];

export const ARTIFACT_TYPES = ['node_output', 'tool_result', 'telemetry_snapshot'] as const;
export type ArtifactType = (typeof ARTIFACT_TYPES)[number];

export type AdapterType = 'llm' | 'tool' | 'memory' | 'storage' | 'plugin';

export const MERGE_FAILURE_MODES = ['fail_on_any', 'ignore_failures', 'partial'] as const;
export type MergeFailureMode = (typeof MERGE_FAILURE_MODES)[number];

export const MERGE_STRATEGIES = ['identity', 'list', 'first', 'object', 'concat'] as const;
export type MergeStrategy = (typeof MERGE_STRATEGIES)[number];

export const RETRIEVAL_POLICIES = ['recency', 'semantic', 'hybrid'] as const;
export type RetrievalPolicy = (typeof RETRIEVAL_POLICIES)[number];

export const STORE_NAMES = ['task', 'project', 'global'] as const;
export type StoreName = (typeof STORE_NAMES)[number];

export const ASSERTION_TYPES = ['equals', 'contains', 'schema_valid', 'status', 'custom'] as const;
export type AssertionType = (typeof ASSERTION_TYPES)[number];

/** `error` is a case that could not be judged. */
export type EvaluationStatus = 'passed' | 'failed' | 'skipped' | 'error';

export const METRIC_TYPES = ['timer', 'counter', 'gauge'] as const;
export type MetricType = (typeof METRIC_TYPES)[number];

export const POLICY_ACTIONS = ['allow', 'deny'] as const;
export type PolicyAction = (typeof POLICY_ACTIONS)[number];

export const POLICY_TARGETS = ['tool', 'context', 'node'] as const;
export type PolicyTarget = (typeof POLICY_TARGETS)[number];

export const CREDENTIAL_SOURCES = ['env', 'file'] as const;
export type CredentialSource = (typeof CREDENTIAL_SOURCES)[number];

/** What a run's result and `task_completed` call a status; any other status is called what it is. */
export function externalStatus(status: Status): string {
  if (status === 'completed') return 'success';
  return status === 'failed' ? 'failure' : status;
}
