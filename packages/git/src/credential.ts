import type { Secret } from '@agentswarm/core';
import { GitError } from './errors.ts';
import { networkEnvironment } from './hardening.ts';
import { runGit, textOf, type CallOptions } from './run-git.ts';

/** A token for https remotes. */
export interface RemoteCredential {
  readonly token: Secret;
  /** Default `x-access-token`, which the large forges accept. */
  readonly username?: string;
}

/** Settings and environment of one call to a remote. */
export interface RemoteAccess {
  readonly config: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A constant: git runs it for the remote's host only, and it prints what the environment holds. */
const HELPER =
  '!f() { test "$1" = get && printf \'username=%s\\npassword=%s\\n\' "$AGENTSWARM_GIT_USERNAME" "$AGENTSWARM_GIT_TOKEN"; }; f';

/**
 * Prepares a call to a remote. Without a credential the user's own configuration decides how to log
 * in. With one, the token is handed over in the environment of git, and only to the remote's host.
 *
 * @throws {GitError} `GIT_BAD_ARGUMENT` when a credential is given for a remote that is not https.
 */
export async function remoteAccess(
  options: CallOptions & {
    readonly gitDir?: string;
    readonly remote: string;
    readonly credential?: RemoteCredential;
  },
): Promise<RemoteAccess> {
  const env = networkEnvironment();
  if (options.credential === undefined) return { config: [], env };
  const { credential, remote, ...call } = options;
  const url = textOf(await runGit({ ...call, args: ['ls-remote', '--get-url', '--', remote], env }));
  const origin = URL.canParse(url) ? new URL(url) : undefined;
  if (origin?.protocol !== 'https:') {
    throw new GitError('GIT_BAD_ARGUMENT', 'a token can only be used with an https remote');
  }
  return {
    config: ['credential.helper=', `credential.https://${origin.host}.helper=${HELPER}`],
    env: {
      ...env,
      AGENTSWARM_GIT_USERNAME: credential.username ?? 'x-access-token',
      AGENTSWARM_GIT_TOKEN: credential.token.reveal(),
    },
  };
}
