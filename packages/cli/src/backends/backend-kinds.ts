import type { SwarmConfig } from '@agentswarm/core';

export type BackendKind = SwarmConfig['sandboxBackend'];

/** Where sandboxes can run. */
export const BACKEND_KINDS = ['local', 'modal', 'modal-local'] as const satisfies readonly BackendKind[];
