import type { RegistrySettings } from '@agentswarm/sandbox-runner';
import { askPackageManagers, type PackageManagerAnswers } from './installed-registries.ts';

/** What backends need of the host's environment: where tools are, how registries are reached. */
export interface HostSettings {
  /** For programs of this machine that work for sandboxes; none of it goes into one. */
  readonly env: Env;
  readonly path: string;
  readonly registry: RegistrySettings;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Variables that name a registry, or several, separated by spaces, commas or bars. */
const ADDRESS_VARIABLE =
  /^(?:npm_config_registry|PIP_(?:EXTRA_)?INDEX_URL|UV_(?:EXTRA_)?INDEX_URL|UV_DEFAULT_INDEX|GOPROXY|CARGO_REGISTRIES_\w+_INDEX)$/i;
const OTHER_VARIABLE =
  /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|npm_config_cafile|PIP_CERT|REQUESTS_CA_BUNDLE|CARGO_HTTP_CAINFO|CURL_CA_BUNDLE|(?:HTTPS?|NO)_PROXY)$/i;

/**
 * Reads them from an environment, and asks the package managers of the machine for what it leaves open.
 * No token comes along: addresses lose their user and password, a proxy that needs one is left out.
 */
export async function readHostSettings(env: Env): Promise<HostSettings> {
  return { env, path: env['PATH'] ?? '', registry: registrySettings(env, await askPackageManagers(env)) };
}

/** Decides what sandboxes are told of registries; what the environment says counts before what tools answer. */
export function registrySettings(env: Env, answers: PackageManagerAnswers): RegistrySettings {
  const given = Object.entries(env).flatMap(([name, value]) => {
    if (value === undefined || value === '') return [];
    if (ADDRESS_VARIABLE.test(name)) return [[name, withoutCredentials(value)] as const];
    return OTHER_VARIABLE.test(name) && !/:\/\/[^/]*@/.test(value) ? [[name, value] as const] : [];
  });
  const known = new Set(given.map(([name]) => name.toLowerCase()));
  const answered = Object.entries(answers.env)
    .filter(([name]) => !known.has(name.toLowerCase()))
    .map(([name, value]) => [name, withoutCredentials(value)] as const);
  const named = [...given, ...answered].filter(([name]) => ADDRESS_VARIABLE.test(name));
  const urls = [...named.map(([, value]) => value), ...answers.urls].flatMap(addressesIn);
  return { env: Object.fromEntries([...given, ...answered]), urls: [...new Set(urls)] };
}

function addressesIn(text: string): string[] {
  return text
    .split(/[\s,|]+/)
    .map((part) => withoutCredentials(part.replace(/^sparse\+/, '')))
    .filter((part) => /^https?:\/\//.test(part));
}

function withoutCredentials(text: string): string {
  return text.replaceAll(/(:\/\/)[^/\s,|@]*@/g, '$1');
}
