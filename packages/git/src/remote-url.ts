import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';

const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)([^/\s@]*)@/gi;

/**
 * The form of a remote that may be shown and stored: without passwords and tokens. An ssh user name
 * stays, because it is part of the address; everything else before the `@` goes.
 */
export function displayRemote(remote: string): string {
  return remote.replace(URL_CREDENTIALS, (_, scheme: string, credentials: string) => {
    const user = credentials.split(':', 1)[0] ?? '';
    const keepsUser = /^(ssh|git\+ssh|ssh\+git):/i.test(scheme) && user !== '';
    return keepsUser ? `${scheme}${user}@` : scheme;
  });
}

/** The directory a remote names, when it is a path or a `file:` URL; undefined for all others. */
export function localPathOf(remote: string): string | undefined {
  if (/^file:\/\//i.test(remote)) return fileURLToPath(remote);
  return isAbsolute(remote) || /^\.\.?(\/|$)/.test(remote) ? remote : undefined;
}
