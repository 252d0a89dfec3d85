import { systemEngineClock } from '../assembly/default-ports.ts';
import { Engine } from '../engine.ts';
import { checkHealth, type HealthReport } from './health.ts';

/**
 * Tells whether an engine could run from a configuration directory here and now. Works beside one that runs: no state
 * is opened.
 */
export async function checkEngineHealth(options: {
  readonly configDir: string;
  /** Folders the deployment writes to. Default none. */
  readonly directories?: readonly string[];
  /** Environment variables the manifests may refer to. Default none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}): Promise<HealthReport> {
  const { configDir, directories = [], env = {} } = options;
  return await checkHealth({
    configDir,
    directories,
    clock: systemEngineClock,
    load: async () => {
      const { failed_credentials } = await Engine.validateConfigDir(configDir, { env });
      return { failedCredentials: failed_credentials };
    },
  });
}
