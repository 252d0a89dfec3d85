import type { BlobVersion, PathConflict } from '@agentswarm/git';

/** Names a path with the three versions it has: equal for equal questions. */
export function versionsKey({ path, base, ours, theirs }: PathConflict): string {
  return JSON.stringify([path, ...[base, ours, theirs].map(versionKey)]);
}

/** Names one version of a path. */
export function versionKey(version: BlobVersion | undefined): string {
  return version === undefined ? '' : `${version.mode} ${version.object}`;
}
