import { isLoopback, nameOf, parseDestination, type Destination } from './destination.ts';

/** How this machine reaches package registries. Never holds a token. */
export interface RegistrySettings {
  /** Variables for package managers: addresses, certificates, the proxy of the host. */
  readonly env: Readonly<Record<string, string>>;
  /** What network `registries` admits, by host and port: http(s) addresses. Default: nothing. */
  readonly urls?: readonly string[];
}

/** Decides which destinations are a registry of the settings: same host, same port, nothing like it. */
export function createRegistryFilter(settings: RegistrySettings): (destination: Destination) => boolean {
  const admitted = new Set(
    (settings.urls ?? [])
      .map(parseDestination)
      .filter((found) => found !== undefined)
      .map(nameOf),
  );
  return (destination) => admitted.has(nameOf(destination));
}

/** The proxy of the host that leads to a destination, when there is one; none leads to the host itself. */
export function upstreamProxyFor({ env }: RegistrySettings, { host }: Destination): string | undefined {
  if (isLoopback(host)) return undefined;
  const direct = (env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(',').map((entry) => entry.trim());
  const isDirect = direct.some((entry) => {
    const name = entry.replace(/^\*?\./, '');
    return entry === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`)));
  });
  if (isDirect) return undefined;
  return ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].map((name) => env[name]).find(Boolean);
}
