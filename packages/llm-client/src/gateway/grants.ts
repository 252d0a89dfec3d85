import { createHash } from 'node:crypto';
import { Secret, type Clock, type IdSource } from '@agentswarm/core';
import { createAllowance, type Allowance } from './allowance.ts';
import type { GrantRequest } from './gateway.ts';

/** A token's rights as the request handler sees them. */
export interface ActiveGrant {
  readonly attribution: Pick<GrantRequest, 'taskId' | 'attemptId'>;
  readonly role: GrantRequest['role'];
  /** In order of preference; empty: each endpoint's own. */
  readonly models: readonly string[];
  /** The name its holder was told. */
  readonly model: string;
  /** Calls of one token belong together. */
  readonly conversation: string;
  readonly allowance: Allowance | undefined;
  /** Aborted by revocation and at its expiry. */
  readonly signal: AbortSignal;
}

export interface GrantBook {
  issue(
    request: GrantRequest,
    models: Pick<ActiveGrant, 'model' | 'models'>,
  ): { readonly token: Secret; revoke(): void };
  find(authorization: string | undefined): ActiveGrant | undefined;
  /** Revokes every grant, so that no timer is left. */
  close(): void;
}

/** Tokens are looked up by digest, so that the time of a look-up says nothing about their characters. */
export function createGrantBook(idSource: IdSource, clock: Clock): GrantBook {
  const grants = new Map<string, { readonly grant: ActiveGrant; readonly revoke: () => void }>();
  return {
    issue(request, { model, models }) {
      const token = idSource.token();
      const key = digestOf(token);
      const abort = new AbortController();
      const { role, taskId, attemptId, budget, ttlMs } = request;
      const attribution = {
        ...(taskId === undefined ? {} : { taskId }),
        ...(attemptId === undefined ? {} : { attemptId }),
      };
      const revoke = () => {
        grants.delete(key);
        abort.abort();
      };
      const allowance = budget && createAllowance(budget);
      const { signal } = abort;
      const grant = { attribution, role, model, models, conversation: key, allowance, signal };
      grants.set(key, { grant, revoke });
      if (ttlMs !== undefined) void revokeAfter(ttlMs, { clock, signal, revoke });
      return { token: new Secret(token), revoke };
    },
    find(authorization) {
      const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
      return token === undefined ? undefined : grants.get(digestOf(token))?.grant;
    },
    close: () => [...grants.values()].forEach(({ revoke }) => revoke()),
  };
}

async function revokeAfter(
  ttlMs: number,
  grant: { readonly clock: Clock; readonly signal: AbortSignal; readonly revoke: () => void },
): Promise<void> {
  try {
    await grant.clock.sleep(ttlMs, grant.signal);
  } catch (error) {
    if (grant.signal.aborted) return;
    throw error;
  }
  grant.revoke();
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
