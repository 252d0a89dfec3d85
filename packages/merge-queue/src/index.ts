export { createMergeQueue } from './queue/merge-queue.ts';
export type {
  DrainResult,
  EarlierState,
  MergeQueue,
  MergeQueueOptions,
  QueuePolicy,
} from './queue/queue-contract.ts';
export { queueStateOf } from './queue/queue-state.ts';
export type { Submission } from './entry/queue-entry.ts';
export type { LandingStrategy } from './compose/write-landing.ts';
export type { ChangeRequest, ChangeResult } from './land/land-change.ts';
export type { MirrorOptions } from './land/mirrors.ts';
export { createBranchGuard } from './guard/branch-guard.ts';
export type { BranchGuard, GuardRequest } from './guard/branch-guard.ts';
export type { BranchFacts, MainStep, OwnCommit } from './guard/branch-facts.ts';
export { sessionSource } from './guard/branch-source.ts';
export type { BranchSource } from './guard/branch-source.ts';
export { checkBranch } from './guard/check-branch.ts';
export type { GuardFinding } from './guard/finding.ts';
export type { GuardPolicy } from './guard/guard-policy.ts';
export { noGate } from './gate/gate.ts';
export { runGate } from './gate/run-gate.ts';
export type { Gate, GateRequest, GateVerdict } from './gate/gate.ts';
export { commands } from './gate/command-gate.ts';
export type { CommandGateOptions } from './gate/command-gate.ts';
export { MergeQueueError } from './errors.ts';
export type { MergeQueueErrorCode, QueueStop, QueueStopCode } from './errors.ts';

export type {
  ConflictResolver,
  MergeIntents,
  Resolution,
  ResolutionRequest,
} from './resolve/conflict-resolver.ts';
export { agentResolver } from './resolve/agent/agent-resolver.ts';
export type { AgentResolverOptions } from './resolve/agent/agent-resolver.ts';
export type {
  AgentConflict,
  AgentProposal,
  ConflictAgent,
  ConflictAgentRequest,
} from './resolve/agent/conflict-agent.ts';
export { defaultResolvers } from './resolve/default-resolvers.ts';
export type { DefaultResolversOptions } from './resolve/default-resolvers.ts';
export { duplicateResolver } from './resolve/duplicate-resolver.ts';
export { jsonResolver } from './resolve/json/json-resolver.ts';
export { packageJsonResolver } from './resolve/json/package-json-resolver.ts';
export { lockfileResolver } from './resolve/lockfile/lockfile-resolver.ts';
export type { LockfileResolverOptions } from './resolve/lockfile/lockfile-resolver.ts';
export { unionResolver } from './resolve/union-resolver.ts';
export type { UnionResolverOptions } from './resolve/union-resolver.ts';
export { createResolutionCache } from './resolve/resolution-cache.ts';
export type { ResolutionCache } from './resolve/resolution-cache.ts';
export { resolveConflicts } from './resolve/resolve-conflicts.ts';
export type {
  NamedResolution,
  ResolveConflictsOptions,
  ResolvedConflicts,
} from './resolve/resolve-conflicts.ts';

export { createRadar } from './radar/radar.ts';
export type {
  ConflictingPair,
  InFlightBranch,
  Radar,
  RadarCall,
  RadarOptions,
  RadarReading,
} from './radar/radar.ts';
