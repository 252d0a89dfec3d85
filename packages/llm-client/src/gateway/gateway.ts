import type {
  AttemptId,
  BudgetLimits,
  Clock,
  IdSource,
  Logger,
  ModelCalledEvent,
  ModelRole,
  Secret,
  TaskId,
} from '@agentswarm/core';
import type { ExchangeRecorder } from '../cassette/exchange-recorder.ts';
import type { RoleModels } from '../client/llm-client.ts';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { ModelNotes } from '../models/model-notes.ts';
import type { Budget } from '../money/budget.ts';
import type { Router } from '../routing/router.ts';

export interface GatewayLimits {
  /** Largest request body; default 10 MiB. */
  readonly maxBodyBytes?: number;
  /** Largest head of a request; default 16 KiB. */
  readonly maxHeaderBytes?: number;
  /** Longest time for a request to arrive completely; default 60 000. */
  readonly receiveTimeoutMs?: number;
  /** Longest wait for a free endpoint; then 429. Default 300 000. */
  readonly maxWaitMs?: number;
  /** Most tokens of an answer for requests that set no bound of their own; applied only with a budget. Default 8192. */
  readonly defaultMaxTokens?: number;
}

/** Where to listen on TCP. */
export interface TcpAddress {
  /** Default 0: a free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. Anything that is not loopback needs `allowRemote`. */
  readonly host?: string;
  /** Other machines may connect; their requests need a token as all do. Default false. */
  readonly allowRemote?: boolean;
  /** Other names, as in an address, by which requests come here: through a tunnel or proxy that listens elsewhere. */
  readonly names?: readonly string[];
}

/** Give `endpoints`, or a `router` that is shared with clients. */
export interface GatewayOptions {
  /** At least one; not read when there is a `router`. */
  readonly endpoints?: readonly LlmEndpoint[];
  readonly router?: Router;
  /** Models by role; a role without one uses the endpoint's own. */
  readonly models?: RoleModels;
  /**
   * Hears of every request to an endpoint after it ended, failed ones too, before the client sees the end of its
   * answer. Contract: synchronous; when it throws, that is logged and the answer is cut.
   */
  readonly onCall: (event: ModelCalledEvent) => void;
  /**
   * Directory for the Unix socket, made (mode 0700) when missing. Keep it short: a socket path longer than
   * 107 bytes (macOS: 103) is refused.
   */
  readonly socketDir: string;
  /** Listens on TCP as well as on the socket; `true`: on a free loopback port. Default false. */
  readonly tcp?: boolean | TcpAddress;
  /** Ends a call when the endpoint sends nothing for so long. Default 300 000. */
  readonly requestTimeoutMs?: number;
  readonly limits?: GatewayLimits;
  /** What models can do and cost; default the catalogue of the package. */
  readonly catalog?: ModelCatalog;
  /** What people noted, by model: models a role names are left out or moved to the front by it. */
  readonly notes?: ReadonlyMap<string, ModelNotes>;
  /** Every request reserves what it can cost before it is sent. */
  readonly budget?: Budget;
  /** Hears every exchange with an endpoint. */
  readonly recorder?: ExchangeRecorder;
  readonly idSource?: IdSource;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** For whom a token is. */
export interface GrantRequest {
  readonly taskId?: TaskId;
  readonly attemptId?: AttemptId;
  readonly role: ModelRole;
  /** Default: the role's models. */
  readonly model?: string;
  /** What its calls may cost together, besides the bounds of the gateway's budget. */
  readonly budget?: BudgetLimits;
  /** The token is refused after so many milliseconds; default never. Calls in flight are cut. */
  readonly ttlMs?: number;
}

/** Leave to call models, attributed to one attempt. */
export interface Grant {
  /** Sent as bearer token. */
  readonly token: Secret;
  /** The model its calls reach, the most preferred of several; calls may also name it by the role or as `default`. */
  readonly model: string;
  readonly socketPath: string;
  /** Base URL ending in `/v1`; present when the gateway listens on TCP. */
  readonly url?: string;
  /** From now on the token is refused and its calls in flight are cut. Safe to call twice. */
  revoke(): void;
}

/** An OpenAI-compatible server in front of endpoints. Disposing it cuts open calls and removes the socket. */
export interface Gateway extends AsyncDisposable {
  readonly socketPath: string;
  /** Base URL ending in `/v1`; present with `tcp`. */
  readonly url?: string;
  readonly router: Router;
  grant(request: GrantRequest): Grant;
  close(): Promise<void>;
}
