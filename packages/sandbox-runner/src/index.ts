export { createLocalBackend } from './local/local-backend.ts';
export type { LocalBackendOptions } from './local/local-backend.ts';
export { probeIsolation } from './local/isolation.ts';
export type { IsolationProbe, Mechanism } from './local/isolation.ts';
export type { RegistrySettings } from './egress/registry-settings.ts';
export { SandboxError } from './errors.ts';
export type { SandboxErrorCode } from './errors.ts';
export { runTask } from './task/run-task.ts';
export type { RunTaskOptions, TaskRun, TaskSandboxSpec } from './task/run-task.ts';
