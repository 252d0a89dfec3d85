/** How this machine reaches package registries. Never holds a token. */
export interface RegistrySettings {
  /** Variables for package managers: addresses, certificates, the proxy of the host. */
  readonly env: Readonly<Record<string, string>>;
  /** What network `registries` admits, by host and port: http(s) addresses. Default: nothing. */
  readonly urls?: readonly string[];
}

/** The variables that name a proxy for other addresses than local ones. */
const PROXY_VARIABLES = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'http_proxy',
  'https_proxy',
  'npm_config_proxy',
  'npm_config_https_proxy',
] as const;
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** A host and port that may be connected to. */
export interface Destination {
  /** Lower case; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Reads the destination of an http(s) address; undefined when it is none. */
export function parseDestination(url: string): Destination | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return host === '' ? undefined : { host, port: Number(port || (protocol === 'http:' ? 80 : 443)) };
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

/** `host:port`, for people and comparisons. */
export function nameOf({ host, port }: Destination): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The proxy of the host that leads to a destination, when there is one. */
export function upstreamProxyFor({ env }: RegistrySettings, { host }: Destination): string | undefined {
  const direct = (env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(',').map((entry) => entry.trim());
  const isDirect = direct.some((entry) => {
    const name = entry.replace(/^\*?\./, '');
    return entry === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`)));
  });
  if (isDirect) return undefined;
  return ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].map((name) => env[name]).find(Boolean);
}

/** The variables of a command whose only way out is the proxy at `proxyUrl`. */
export function registryEnvironment(settings: RegistrySettings, proxyUrl: string): Record<string, string> {
  const hosts = new Set((settings.urls ?? []).map((url) => parseDestination(url)?.host));
  // What a command serves itself is reached directly, unless the same name is a registry on the host.
  const direct = LOOPBACK.filter((name) => !hosts.has(name)).join(',');
  return {
    ...settings.env,
    ...Object.fromEntries(PROXY_VARIABLES.map((name) => [name, proxyUrl])),
    NO_PROXY: direct,
    no_proxy: direct,
  };
}
