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
export type { GuardPolicy } from './guard/guard-policy.ts';
export { noGate } from './gate/gate.ts';
export { runGate } from './gate/run-gate.ts';
export type { Gate, GateRequest, GateVerdict } from './gate/gate.ts';
export { commands } from './gate/command-gate.ts';
export type { CommandGateOptions } from './gate/command-gate.ts';
export { MergeQueueError } from './errors.ts';
export type { MergeQueueErrorCode, QueueStop, QueueStopCode } from './errors.ts';
