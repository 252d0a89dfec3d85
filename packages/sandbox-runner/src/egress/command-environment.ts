import { parseDestination } from './destination.ts';
import type { EgressPolicy } from './egress-policy.ts';

const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];
const NPM_PROXY_VARIABLES = ['npm_config_proxy', 'npm_config_https_proxy'];
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
const OF_THE_PROXY = new Set(
  [...PROXY_VARIABLES, ...NPM_PROXY_VARIABLES, 'NO_PROXY'].map((name) => name.toLowerCase()),
);

/**
 * The variables that lead a command to the proxy at `proxyUrl`. What is on loopback is the
 * command's own, but for `hostLoopback`.
 */
export function proxyEnvironment(proxyUrl: string, hostLoopback: readonly string[]): Record<string, string> {
  const direct = LOOPBACK.filter((name) => !hostLoopback.includes(name)).join(',');
  return {
    ...Object.fromEntries([...PROXY_VARIABLES, ...NPM_PROXY_VARIABLES].map((name) => [name, proxyUrl])),
    // What Node fetches goes through the proxy too; older ones do not know the variable.
    NODE_USE_ENV_PROXY: '1',
    NO_PROXY: direct,
    no_proxy: direct,
  };
}

/** The settings of package managers that hold behind a proxy: not those that name an address it does not admit. */
export function managerEnvironment(
  settings: Readonly<Record<string, string>>,
  { admits }: Pick<EgressPolicy, 'admits'>,
): Record<string, string> {
  const holds = ([name, value]: [string, string]) => {
    if (OF_THE_PROXY.has(name.toLowerCase())) return false;
    const to = parseDestination(value);
    return to === undefined || admits(to);
  };
  return Object.fromEntries(Object.entries(settings).filter(holds));
}
