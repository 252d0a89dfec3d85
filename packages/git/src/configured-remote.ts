import { Secret } from '@agentswarm/core';
import type { RemoteCredential } from './credential.ts';
import { callOptions, runGit, textOf } from './run-git.ts';
import type { RepositoryOptions } from './read-repository.ts';

/** Where a remote is, and the login that its address held. */
export interface ConfiguredRemote {
  /** Without user, password or token where it is an http(s) address. */
  readonly url: string;
  readonly credential?: RemoteCredential;
}

/**
 * A remote as a repository has it configured; undefined when it has none. A password or token in its
 * address is taken out of it, so that it never becomes an argument of a process.
 */
export async function configuredRemote(
  options: RepositoryOptions & { readonly name: string },
): Promise<ConfiguredRemote | undefined> {
  const args = ['config', '--local', '--get', `remote.${options.name}.url`];
  const result = await runGit({ ...callOptions(options), cwd: options.repository, args, accept: [0, 1] });
  return result.exitCode === 0 ? separateCredential(textOf(result)) : undefined;
}

/** Splits an http(s) address into what may be shown and the login it holds; leaves every other as it is. */
export function separateCredential(remote: string): ConfiguredRemote {
  const address = /^https?:/i.test(remote) ? URL.parse(remote) : null;
  if (address === null || (address.username === '' && address.password === '')) return { url: remote };
  const [user, password] = [address.username, address.password].map(decodeURIComponent);
  address.username = '';
  address.password = '';
  // Alone, the name is a token, as the large forges write it.
  const credential = password
    ? { username: user ?? '', token: new Secret(password) }
    : { token: new Secret(user ?? '') };
  return { url: address.href, credential };
}
