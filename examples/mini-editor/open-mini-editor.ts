import { fileURLToPath } from 'node:url';
import { Engine, type EngineOptions } from '@agentswarm/dag-engine/engine';
import { normalizeRequest } from './normalize-request.ts';
import { scriptedEditor } from './scripted-editor.ts';

const configDir = fileURLToPath(new URL('config', import.meta.url));

/** The editor on a workspace; without another model a script plays its agent. */
export async function openMiniEditor(workspaceRoot: string, options: EngineOptions = {}): Promise<Engine> {
  return await Engine.fromConfigDir(configDir, {
    workspaceRoot,
    deterministicOps: { normalize_request: normalizeRequest },
    llmFactory: () => scriptedEditor,
    ...options,
  });
}
