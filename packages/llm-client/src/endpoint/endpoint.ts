import type { ModelRole, Price, Secret } from '@agentswarm/core';
import { LlmError } from '../errors.ts';

/** What one endpoint can take; absent: without limit. */
export interface EndpointLimits {
  /** Requests at the same time. */
  readonly concurrency?: number;
  /** Prompt and completion tokens in any minute. */
  readonly tokensPerMinute?: number;
}

/** A server on this machine that may be stopped. */
export interface LocalServer {
  /**
   * Starts it and resolves when it can be asked; absent: a person starts it, and calls end in MODEL_WAIT until then.
   * Contract: rejects when that fails or `signal` aborts; called again meanwhile, it starts no second one.
   */
  readonly start?: (signal?: AbortSignal) => Promise<void>;
}

/** One OpenAI-compatible server and the models to use there. */
export interface LlmEndpoint {
  /** For people: errors, logs and events name the endpoint by it. */
  readonly name: string;
  /** With or without a trailing `/` or `/v1`; a path prefix before `/v1` is kept. */
  readonly baseUrl: string;
  /** Sent as bearer token; absent for servers without authentication. */
  readonly apiKey?: Secret;
  /** Model of every request that names none. */
  readonly model: string;
  /** Models it serves; default: any. */
  readonly models?: readonly string[];
  /** Roles it serves; default: all. */
  readonly roles?: readonly ModelRole[];
  /** Share of the load among endpoints of one tier; default 1. */
  readonly weight?: number;
  /** Endpoints of a higher tier are used only while those below are saturated, out or out of credit. Default 0. */
  readonly tier?: number;
  readonly limits?: EndpointLimits;
  readonly localServer?: LocalServer;
  /** Default: that of the model's catalogue entry. */
  readonly price?: Price;
}

/**
 * The URL that ends in the API version and has no trailing slash: `http://host:8000` and
 * `http://host:8000/v1/` both give `http://host:8000/v1`. A last path segment that is a version of
 * another number (`/api/paas/v4`) is kept, and so is whatever stands before a typed `/chat/completions`.
 *
 * @throws {LlmError} ENDPOINT_INVALID when it is no http(s) URL or carries credentials, a query or a fragment.
 */
export function apiBaseUrl(endpoint: LlmEndpoint): string {
  const url = URL.parse(endpoint.baseUrl.trim());
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid(endpoint, 'the base URL must be an http or https URL');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalid(endpoint, 'the base URL must not hold credentials, a query or a fragment');
  }
  const typed = url.pathname.replace(/\/+$/, '');
  const path = typed.replace(/\/chat\/completions$/, '');
  // Who types the whole path has said where the version is.
  const isWhole = path !== typed && path !== '';
  return url.origin + (isWhole || /\/v\d+[a-z0-9]*$/.test(path) ? path : `${path}/v1`);
}

/** Whether an endpoint is asked for a role. */
export function servesRole({ roles }: LlmEndpoint, role: ModelRole): boolean {
  return roles === undefined || roles.includes(role);
}

/** Whether an endpoint is asked for a model by that name. */
export function servesModel(endpoint: LlmEndpoint, model: string): boolean {
  return endpoint.models === undefined || endpoint.model === model || endpoint.models.includes(model);
}

function invalid(endpoint: LlmEndpoint, problem: string): LlmError {
  return new LlmError('ENDPOINT_INVALID', `endpoint ${endpoint.name}: ${problem}`, {
    details: { endpoint: endpoint.name },
  });
}
