import type { Logger, Secret } from '@agentswarm/core';
import { SHIM_SCHEMA_VERSION, type MethodParams, type Notice } from '../protocol/messages.ts';
import { explainStart } from './explain-start.ts';
import { startShimProcess, type ShimProcess } from './shim-process.ts';

const HEARTBEAT_MS = 5_000;
/** Also how long the interpreter and the SDK may take to start. */
const SILENCE_MS = 60_000;

export interface ModalCredentials {
  readonly tokenId: Secret;
  readonly tokenSecret: Secret;
}

export interface OpenShimOptions {
  readonly python: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where sandboxes are made, and how. */
  readonly account: Omit<MethodParams<'configure'>, 'credentials'>;
  /** Default: the profile of the Modal command. */
  readonly credentials?: ModalCredentials;
  readonly onNotice: (notice: Notice) => void;
  readonly logger: Logger;
  /** Ends the start; without effect on a shim that was given. */
  readonly signal?: AbortSignal;
}

/** Starts a shim, greets it and tells it the account. @throws when one of these fails; nothing is left then. */
export async function openShim(options: OpenShimOptions): Promise<ShimProcess> {
  const { account, credentials, signal, ...how } = options;
  signal?.throwIfAborted();
  const shim = startShimProcess({ ...how, silenceMs: SILENCE_MS });
  const end = () => void shim[Symbol.asyncDispose]();
  signal?.addEventListener('abort', end, { once: true });
  try {
    await shim.connection.call('hello', { schemaVersion: SHIM_SCHEMA_VERSION, heartbeatMs: HEARTBEAT_MS });
    await shim.connection.call('configure', {
      ...account,
      ...(credentials === undefined ? {} : { credentials: reveal(credentials) }),
    });
    return shim;
  } catch (error) {
    await shim[Symbol.asyncDispose]();
    throw signal?.aborted ? signal.reason : explainStart(error);
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

function reveal({ tokenId, tokenSecret }: ModalCredentials) {
  return { tokenId: tokenId.reveal(), tokenSecret: tokenSecret.reveal() };
}
