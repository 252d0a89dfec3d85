/** What sandboxes need of the host's environment: where tools are, how registries are reached. */
export interface HostSettings {
  readonly path: string;
  /** For installing dependencies; never a token. */
  readonly registryEnv: Readonly<Record<string, string>>;
}

const REGISTRY_VARIABLES = [
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'npm_config_registry',
  'npm_config_cafile',
  'NPM_CONFIG_REGISTRY',
  'NPM_CONFIG_CAFILE',
  'PIP_INDEX_URL',
  'PIP_CERT',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
] as const;

/** Picks them from an environment; an address that carries a password is left out. */
export function readHostSettings(env: Readonly<Record<string, string | undefined>>): HostSettings {
  const registryEnv = Object.fromEntries(
    REGISTRY_VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined || value === '' || /:\/\/[^/]*@/.test(value) ? [] : [[name, value] as const];
    }),
  );
  return { path: env['PATH'] ?? '', registryEnv };
}
