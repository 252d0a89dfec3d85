import { createHash } from 'node:crypto';
import { Secret, type IdSource } from '@agentswarm/core';
import type { GrantRequest } from './gateway.ts';

/** A token's rights as the request handler sees them. */
export interface ActiveGrant {
  readonly attribution: Pick<GrantRequest, 'taskId' | 'attemptId'>;
  readonly role: GrantRequest['role'];
  readonly model: string;
  /** Aborted by revocation. */
  readonly signal: AbortSignal;
}

export interface GrantBook {
  issue(request: GrantRequest, model: string): { readonly token: Secret; revoke(): void };
  find(authorization: string | undefined): ActiveGrant | undefined;
}

/** Tokens are looked up by digest, so that the time of a look-up says nothing about their characters. */
export function createGrantBook(idSource: IdSource): GrantBook {
  const grants = new Map<string, ActiveGrant>();
  return {
    issue(request, model) {
      const token = idSource.token();
      const key = digestOf(token);
      const abort = new AbortController();
      const { role, taskId, attemptId } = request;
      const attribution = {
        ...(taskId === undefined ? {} : { taskId }),
        ...(attemptId === undefined ? {} : { attemptId }),
      };
      grants.set(key, { attribution, role, model, signal: abort.signal });
      const revoke = () => {
        grants.delete(key);
        abort.abort();
      };
      return { token: new Secret(token), revoke };
    },
    find(authorization) {
      const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
      return token === undefined ? undefined : grants.get(digestOf(token));
    },
  };
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
