import type { Clock, Logger, ModelCalledEvent } from '@agentswarm/core';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import type { GrantBook } from './grants.ts';
import type { Upstream } from './upstream.ts';

export interface GatewayContext {
  readonly endpoint: LlmEndpoint;
  readonly grants: GrantBook;
  readonly upstream: Upstream;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onCall: (event: ModelCalledEvent) => void;
  /** Accepted Host headers, on TCP; elsewhere any. */
  readonly allowedHosts?: () => readonly string[];
}
