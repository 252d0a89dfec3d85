import { tmpdir } from 'node:os';
import { runCommand } from '../spawn.ts';

/** What the package managers of this machine are set to, or use by default. */
export interface PackageManagerAnswers {
  /** By the variable that says the same. */
  readonly env: Readonly<Record<string, string>>;
  /** Registries that no variable stands for. */
  readonly urls: readonly string[];
}

type Ask = (file: string, ...args: string[]) => Promise<readonly string[]>;

/** pip knows two hosts: the index it asks, and the one its files are on. */
const PIP_DEFAULTS =
  'from pip._internal.models.index import PyPI as i; print(i.simple_url); print("https://" + i.file_storage_domain)';
const ASK_TIMEOUT_MS = 10_000;

/** Asks them; one that is not installed or does not answer adds nothing. */
export async function askPackageManagers(
  env: Readonly<Record<string, string | undefined>>,
): Promise<PackageManagerAnswers> {
  const ask: Ask = async (file, ...args) => {
    // Not in a project: its settings are not those of the machine.
    const result = await runCommand(file, args, { env, cwd: tmpdir(), timeoutMs: ASK_TIMEOUT_MS });
    if (result.kind !== 'exited' || result.exitCode !== 0) return [];
    return result.stdout.split('\n').map((line) => line.trim());
  };
  const [npm, pipIndex, pipDefaults, go] = await Promise.all([
    ask('npm', 'config', 'get', 'registry', 'cafile'),
    ask('python3', '-m', 'pip', 'config', 'get', 'global.index-url'),
    ask('python3', '-c', PIP_DEFAULTS),
    ask('go', 'env', 'GOPROXY'),
  ]);
  const npmValue = (key: string) => npm.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  const cafile = npmValue('cafile');
  const found: Readonly<Record<string, string | undefined>> = {
    npm_config_registry: npmValue('registry'),
    npm_config_cafile: cafile === 'null' ? undefined : cafile,
    PIP_INDEX_URL: pipIndex[0],
    GOPROXY: go[0],
  };
  return {
    env: Object.fromEntries(Object.entries(found).flatMap(([name, value]) => (value ? [[name, value]] : []))),
    urls: pipDefaults.filter(Boolean),
  };
}
