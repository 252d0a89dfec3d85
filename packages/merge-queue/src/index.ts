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
export type {
  ConflictResolver,
  MergeIntents,
  Resolution,
  ResolutionRequest,
} from './resolve/conflict-resolver.ts';
export { createBranchGuard } from './guard/branch-guard.ts';
export type { BranchGuard, GuardRequest } from './guard/branch-guard.ts';
export type { BranchFacts, MainStep, OwnCommit } from './guard/branch-facts.ts';
export { sessionSource } from './guard/branch-source.ts';
export type { BranchSource } from './guard/branch-source.ts';
export { checkBranch } from './guard/check-branch.ts';
export { collectBranchFacts } from './guard/collect-branch-facts.ts';
export type { CollectRequest } from './guard/collect-branch-facts.ts';
export type { Finding } from './guard/finding.ts';
export type { GuardPolicy } from './guard/guard-policy.ts';
export { MainIndex } from './guard/main-index.ts';
export { createRadar } from './radar/radar.ts';
export type { Collision, Radar, RadarCall, RadarOptions, RadarReport } from './radar/radar.ts';
export { noGate } from './gate.ts';
export { runGate } from './run-gate.ts';
export type { Gate, GateRequest, GateVerdict } from './gate.ts';
export { commands } from './command-gate.ts';
export type { CommandGateOptions } from './command-gate.ts';
export { MergeQueueError } from './errors.ts';
export type { MergeQueueErrorCode, QueueStop, QueueStopCode } from './errors.ts';
