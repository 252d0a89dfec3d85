import type { Clock, Logger, ModelCalledEvent } from '@agentswarm/core';
import type { ExchangeRecorder } from '../cassette/exchange-recorder.ts';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { ModelNotes } from '../models/model-notes.ts';
import type { Budget } from '../money/budget.ts';
import type { Router } from '../routing/router.ts';
import type { GrantBook } from './grants.ts';
import type { Upstream } from './upstream.ts';

export interface GatewayContext {
  readonly router: Router;
  readonly grants: GrantBook;
  /** One for each request that is not done; none of them rejects. */
  readonly handling: Set<Promise<void>>;
  readonly upstreamOf: (endpoint: LlmEndpoint) => Upstream;
  readonly catalog: ModelCatalog;
  readonly notes: ReadonlyMap<string, ModelNotes> | undefined;
  readonly budget: Budget | undefined;
  readonly recorder: ExchangeRecorder | undefined;
  readonly maxBodyBytes: number;
  readonly maxWaitMs: number;
  readonly defaultMaxTokens: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onCall: (event: ModelCalledEvent) => void;
  /** Whether a Host header is accepted, on TCP; elsewhere any is. */
  readonly isAllowedHost?: (host: string) => boolean;
}
