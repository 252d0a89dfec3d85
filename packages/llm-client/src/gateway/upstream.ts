import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { apiBaseUrl, type LlmEndpoint } from '../endpoint/endpoint.ts';

/** How a request to the endpoint begins. */
export type UpstreamStart =
  | { readonly kind: 'response'; readonly response: IncomingMessage }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'failed'; readonly error: unknown };

interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  /** Below the API version. */
  readonly path: string;
  readonly body?: Buffer;
  readonly signal: AbortSignal;
}

/** Kept-alive connections to one endpoint. */
export interface Upstream {
  /** Resolves when the headers are there. Contract: never rejects; abort ends it as `failed`. */
  open(request: UpstreamRequest): Promise<UpstreamStart>;
  close(): void;
}

/** The connections to each endpoint, made when it is first asked for. */
export interface Upstreams {
  readonly of: (endpoint: LlmEndpoint) => Upstream;
  readonly close: () => void;
}

export function createUpstreams(idleTimeoutMs: number): Upstreams {
  const upstreams = new Map<string, Upstream>();
  return {
    of(endpoint) {
      const upstream = upstreams.get(endpoint.name) ?? createUpstream(endpoint, idleTimeoutMs);
      upstreams.set(endpoint.name, upstream);
      return upstream;
    },
    close: () => [...upstreams.values()].forEach((upstream) => upstream.close()),
  };
}

function createUpstream(endpoint: LlmEndpoint, idleTimeoutMs: number): Upstream {
  const base = apiBaseUrl(endpoint);
  const transport = base.startsWith('https:') ? https : http;
  const agent = new transport.Agent({ keepAlive: true });

  /** A key that no header can hold is refused here. */
  const begin = (request: UpstreamRequest): ClientRequest | { readonly failure: unknown } => {
    try {
      return transport.request(base + request.path, {
        method: request.method,
        headers: headersFor(endpoint, request.body),
        agent,
        signal: request.signal,
      });
    } catch (failure) {
      return { failure };
    }
  };

  const attempt = (request: UpstreamRequest) =>
    new Promise<UpstreamStart & { readonly stale?: boolean }>((resolve) => {
      const outgoing = begin(request);
      if ('failure' in outgoing) {
        resolve({ kind: 'failed', error: outgoing.failure });
        return;
      }
      outgoing.setTimeout(idleTimeoutMs, () => {
        resolve({ kind: 'timed_out' });
        outgoing.destroy();
      });
      outgoing.once('response', (response) => resolve({ kind: 'response', response }));
      // Stays attached: after the headers a failure reaches the response stream, and must not be unhandled here.
      outgoing.on('error', (error) => {
        const stale = outgoing.reusedSocket && !request.signal.aborted;
        resolve({ kind: 'failed', error, stale });
      });
      outgoing.end(request.body);
    });

  return {
    async open(request) {
      const first = await attempt(request);
      // A kept-alive connection that the server closed meanwhile: the request was never read.
      return first.stale === true ? await attempt(request) : first;
    },
    close: () => agent.destroy(),
  };
}

function headersFor(endpoint: LlmEndpoint, body: Buffer | undefined): Record<string, string> {
  return {
    accept: 'application/json, text/event-stream',
    // Usage is read from the bytes as they pass.
    'accept-encoding': 'identity',
    'user-agent': 'agentswarm-gateway',
    ...(endpoint.apiKey === undefined ? {} : { authorization: `Bearer ${endpoint.apiKey.reveal()}` }),
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(body.length) }),
  };
}
