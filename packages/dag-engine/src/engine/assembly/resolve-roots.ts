import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { EngineOptions } from './engine-options.ts';

export interface EngineRoots {
  readonly stateRoot: string;
  readonly workspaceRoot: string;
}

/** Where an engine keeps its state and where its tools work, both absolute. */
export function resolveRoots(
  configDir: string,
  { stateRoot, workspaceRoot, env = {} }: Pick<EngineOptions, 'stateRoot' | 'workspaceRoot' | 'env'>,
): EngineRoots {
  const named = (name: string) => (env[name] === '' ? undefined : env[name]);
  const home = named('HOME') ?? homedir();
  const absolute = (path: string) => resolve(path.replace(/^~(?=$|\/)/, home));
  return {
    stateRoot: absolute(stateRoot ?? named('AGENT_ENGINE_STATE_DIR') ?? join(configDir, '.agent_engine')),
    workspaceRoot: absolute(workspaceRoot ?? named('AGENT_ENGINE_WORKSPACE_ROOT') ?? dirname(configDir)),
  };
}
