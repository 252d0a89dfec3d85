import type {
  AttemptId,
  Clock,
  IdSource,
  Logger,
  ModelCalledEvent,
  ModelRole,
  Secret,
  TaskId,
} from '@agentswarm/core';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';

export interface GatewayLimits {
  /** Largest request body; default 10 MiB. */
  readonly maxBodyBytes?: number;
}

export interface GatewayOptions {
  /** Exactly one for now. */
  readonly endpoints: readonly LlmEndpoint[];
  /** Model per role; a role without one uses the endpoint's. */
  readonly models?: Partial<Record<ModelRole, string>>;
  /**
   * Hears of every call after it ended, failed ones too, before the client sees the end of its answer.
   * Contract: synchronous; when it throws, that is logged and the answer is cut.
   */
  readonly onCall: (event: ModelCalledEvent) => void;
  /**
   * Directory for the Unix socket, made (mode 0700) when missing. Keep it short: a socket path longer than
   * 107 bytes (macOS: 103) is refused.
   */
  readonly socketDir: string;
  /** Listens on a free loopback TCP port as well. Default false. */
  readonly tcp?: boolean;
  /** Ends a call when the endpoint sends nothing for so long. Default 300 000. */
  readonly requestTimeoutMs?: number;
  readonly limits?: GatewayLimits;
  readonly idSource?: IdSource;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** For whom a token is. */
export interface GrantRequest {
  readonly taskId?: TaskId;
  readonly attemptId?: AttemptId;
  readonly role: ModelRole;
  /** Default: the role's model. */
  readonly model?: string;
}

/** Leave to call one model, attributed to one attempt. */
export interface Grant {
  /** Sent as bearer token. */
  readonly token: Secret;
  /** The model its calls reach; calls may also name it by the role or as `default`. */
  readonly model: string;
  readonly socketPath: string;
  /** Base URL ending in `/v1`; present when the gateway listens on TCP. */
  readonly url?: string;
  /** From now on the token is refused and its calls in flight are cut. Safe to call twice. */
  revoke(): void;
}

/** An OpenAI-compatible server in front of a provider. Disposing it cuts open calls and removes the socket. */
export interface Gateway extends AsyncDisposable {
  readonly socketPath: string;
  /** Base URL ending in `/v1`; present with `tcp`. */
  readonly url?: string;
  grant(request: GrantRequest): Grant;
  close(): Promise<void>;
}
