import { FORBIDDEN_PATHS, type SwarmConfig } from '@agentswarm/core';

/** Paths no worker of this run may change. */
export function forbiddenPaths(config: SwarmConfig): string[] {
  return FORBIDDEN_PATHS.filter((path) => !config.allowedPaths.includes(path));
}
