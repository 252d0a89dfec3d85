import type { Clock, Logger, ModelCalledEvent, Price } from '@agentswarm/core';
import type OpenAI from 'openai';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { Budget } from '../money/budget.ts';
import type { Route, Router } from '../routing/router.ts';
import type { StructuredModes } from './structured-modes.ts';

/** What every call of a client works with. */
export interface Connection {
  readonly router: Router;
  readonly sdkOf: (endpoint: LlmEndpoint) => OpenAI;
  readonly timeoutMs: number;
  readonly catalog: ModelCatalog;
  /** Undefined when nobody stated one. */
  readonly priceOf: (route: Route) => Price | undefined;
  readonly modes: StructuredModes;
  readonly budget: Budget | undefined;
  readonly onCall: (event: ModelCalledEvent) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}
