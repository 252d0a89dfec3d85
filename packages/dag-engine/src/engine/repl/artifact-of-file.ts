import { isAbsolute, resolve } from 'node:path';
import type { ArtifactRecord } from '../model/artifact.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { WorkspacePlace } from './workspace-path.ts';

/** What the session's runs made of a file: its whole content, or a patch to it. */
export type FileArtifact =
  { readonly kind: 'content'; readonly content: string } | { readonly kind: 'patch'; readonly patch: string };

/**
 * The newest artifact about a file: a tool's result that names it, else a node's output that has its path and content.
 *
 * @param artifacts oldest first
 */
export function artifactOfFile(
  artifacts: readonly ArtifactRecord[],
  { place, workspaceRoot }: { readonly place: WorkspacePlace; readonly workspaceRoot: string },
): FileArtifact | undefined {
  const isFile = (path: JsonValue | undefined) =>
    typeof path === 'string' && [place.path, place.knownAs].includes(resolve(workspaceRoot, path));
  const newest = artifacts.toReversed();
  const found = (type: string, select: (payload: JsonObject) => FileArtifact | undefined) => {
    for (const { metadata, payload } of newest) {
      if (metadata.artifact_type !== type || !isJsonObject(payload)) continue;
      const artifact = select(payload);
      if (artifact !== undefined) return artifact;
    }
    return undefined;
  };
  return (
    found('tool_result', ({ arguments: args, result }) => {
      if (!isJsonObject(result)) return undefined;
      return pathsOf(isJsonObject(args) ? args : {}, result).some(isFile) ? artifactIn(result) : undefined;
    }) ?? found('node_output', (output) => (isFile(output['path']) ? artifactIn(output) : undefined))
  );
}

/** An absolute path says it all; every other may be relative to the root of the tool. */
function pathsOf(args: JsonObject, result: JsonObject): readonly (JsonValue | undefined)[] {
  const { path } = result;
  if (typeof path === 'string' && isAbsolute(path)) return [path];
  return [args['path'], path, result['relative_path']];
}

function artifactIn(value: JsonObject): FileArtifact | undefined {
  for (const key of ['patch', 'diff']) {
    const patch = value[key];
    if (typeof patch === 'string') return { kind: 'patch', patch };
  }
  const content = value['content'];
  return typeof content === 'string' ? { kind: 'content', content } : undefined;
}
