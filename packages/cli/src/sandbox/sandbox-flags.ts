import type { BackendKind } from '../backends/backend-kinds.ts';

/** Options that say which sandboxes are meant. */
export interface SandboxFlags {
  readonly repo?: string;
  readonly backend: BackendKind;
  readonly isolation?: 'auto' | 'none';
  readonly run?: string;
  readonly kept?: boolean;
  readonly json?: boolean;
}

/** Options of a command in a sandbox, as commander gives them. */
export interface SandboxRunFlags extends SandboxFlags {
  readonly commit?: string;
  readonly empty?: boolean;
  readonly changes?: boolean;
  readonly upload?: string;
  readonly download?: string;
  readonly dependencies?: boolean;
  readonly network?: string;
  readonly memory?: string;
  readonly cpus?: string;
  readonly cpuTime?: string;
  readonly disk?: string;
  readonly processes?: string;
  readonly keep?: boolean;
  readonly interactive?: boolean;
  readonly env?: readonly string[];
  readonly secret?: readonly string[];
  readonly timeout?: string;
}
