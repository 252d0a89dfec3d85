import type { Logger, SandboxBackend } from '@agentswarm/core';
import type { HostSettings } from '../runs/host-settings.ts';
import type { BackendSettings } from './backend-settings.ts';

export interface BackendRequest {
  readonly settings: BackendSettings;
  /** Folder for local sandboxes, and for what this machine knows of remote ones. */
  readonly root: string;
  readonly host: HostSettings;
  readonly logger: Logger;
  /** What sandboxes are wanted for: workers of this installation, commands of a person, or only those that exist. */
  readonly purpose: 'workers' | 'commands' | 'existing';
  /** Go on without OS isolation where it is missing; only for authored answers. */
  readonly allowNoIsolationFallback: boolean;
}

/** A backend with what it needs. Disposing it ends both, and every sandbox this process holds. */
export interface OpenedBackend extends AsyncDisposable {
  readonly backend: SandboxBackend;
  /** Starts a worker inside: program and arguments; the path of the assignment is added. */
  readonly workerCommand: readonly [string, ...string[]];
}
