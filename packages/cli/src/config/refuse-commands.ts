import { InputError, type SettingSource } from '@agentswarm/core';

/**
 * Passes on what a repository's own file says, unless it names a program: whoever writes to a repository does not
 * choose what runs on the machine of whoever builds it.
 *
 * @throws {InputError} CONFIG_INVALID.
 */
export function refuseCommands(file: SettingSource | undefined): SettingSource | undefined {
  const endpoints: unknown = file?.entries['llmEndpoints'];
  const naming = Array.isArray(endpoints) && endpoints.some((endpoint: unknown) => hasStart(endpoint));
  if (file === undefined || !naming) return file;
  throw new InputError(
    'CONFIG_INVALID',
    `${file.origin}: "start" of an endpoint runs on this machine, so a file of the repository cannot set it; ` +
      'set LLM_ENDPOINTS in the environment or .env',
  );
}

function hasStart(endpoint: unknown): boolean {
  return typeof endpoint === 'object' && endpoint !== null && 'start' in endpoint;
}
