import { isAbsolute, resolve } from 'node:path';
import type { ArtifactRecord } from '../model/artifact.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';

/** What the session's runs made of a file: its whole content, or a patch to it. */
export type FileArtifact =
  { readonly kind: 'content'; readonly content: string } | { readonly kind: 'patch'; readonly patch: string };

/**
 * The newest artifact about a file: a tool's result whose arguments or result name it, else a node's output
 * that has its path and content.
 *
 * @param artifacts oldest first
 * @param file absolute
 */
export function artifactOfFile(
  artifacts: readonly ArtifactRecord[],
  { file, workspaceRoot }: { readonly file: string; readonly workspaceRoot: string },
): FileArtifact | undefined {
  const isFile = (path: JsonValue | undefined) =>
    typeof path === 'string' && (isAbsolute(path) ? path : resolve(workspaceRoot, path)) === file;
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
      const named = [args, result].some(
        (value) => isJsonObject(value) && (isFile(value['path']) || isFile(value['relative_path'])),
      );
      return named && isJsonObject(result) ? artifactIn(result) : undefined;
    }) ?? found('node_output', (output) => (isFile(output['path']) ? artifactIn(output) : undefined))
  );
}

function artifactIn(value: JsonObject): FileArtifact | undefined {
  for (const key of ['patch', 'diff']) {
    const patch = value[key];
    if (typeof patch === 'string') return { kind: 'patch', patch };
  }
  const content = value['content'];
  return typeof content === 'string' ? { kind: 'content', content } : undefined;
}
