import { fileURLToPath } from 'node:url';

/** Where the proxy is reached inside; the network namespace is the command's own, so the port is free. */
const RELAY_PORT = 48_128;

/** The address of the proxy for commands that run behind the relay. */
export const RELAY_URL = `http://127.0.0.1:${RELAY_PORT}`;

/** The relay's program on the host: among the sources or in the build, like this module. */
export function findRelay(moduleUrl: string = import.meta.url): string {
  return fileURLToPath(new URL(moduleUrl.endsWith('.ts') ? '../main.ts' : './main.js', moduleUrl));
}

/**
 * Starts the relay beside a command, as nobody's child that the command could wait for. What it cannot
 * do, it says as bubblewrap would: then nothing was started.
 */
const BEHIND_RELAY = `
ready=$( (node "$1" "$2" ${RELAY_PORT} </dev/null &) )
[ "$ready" = ready ] || { echo 'bwrap: no way to the network' >&2; exit 1; }
shift 2
command -v -- "$1" >/dev/null || { echo "bwrap: $1: not found" >&2; exit 1; }
exec "$@"
`;

/** Puts the relay to `socket` beside a command; both paths as seen inside. */
export function behindRelay(
  command: readonly string[],
  { relay, socket }: { readonly relay: string; readonly socket: string },
): readonly [string, ...string[]] {
  return ['sh', '-c', BEHIND_RELAY, 'sh', relay, socket, ...command];
}
