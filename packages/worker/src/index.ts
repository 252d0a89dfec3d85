export { runWorker } from './run-worker.ts';
export type { WorkerOptions, WorkerOutcome } from './run-worker.ts';
export { createPiDriver } from './pi-driver.ts';
export { createCommandDriver } from './command-driver.ts';
export type { CommandDriverOptions } from './command-driver.ts';
export type {
  AgentDriver,
  AgentEvent,
  AgentModel,
  AgentOutcome,
  AgentRun,
  ReportVerdict,
} from './agent-driver.ts';
export { WorkerError } from './errors.ts';
export type { WorkerErrorCode } from './errors.ts';
