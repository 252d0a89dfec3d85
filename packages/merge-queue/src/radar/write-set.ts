import type { TreeChange } from '@agentswarm/git';

/** What a head writes, as far as it decides whether two heads can be in each other's way. */
export interface WriteSet {
  readonly paths: ReadonlySet<string>;
  /** Directories that new files are in. */
  readonly directories: ReadonlySet<string>;
  /** Whether a path is gone: then git may find that something was renamed. */
  readonly deletes: boolean;
}

export function writeSetOf(changes: readonly TreeChange[]): WriteSet {
  const directories = new Set<string>();
  for (const { path, before } of changes) {
    if (before !== undefined) continue;
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      directories.add(path.slice(0, at));
  }
  const deletes = changes.some(({ after }) => after === undefined);
  return { paths: new Set(changes.map(({ path }) => path)), directories, deletes };
}

/**
 * Whether two heads with the same only merge base merge for certain: they write different paths, none
 * of which is a directory of the other's, and nothing can have been renamed, because nothing is gone.
 */
export function cannotConflict(a: WriteSet, b: WriteSet): boolean {
  if (a.deletes || b.deletes) return false;
  return (
    a.paths.isDisjointFrom(b.paths) &&
    a.paths.isDisjointFrom(b.directories) &&
    a.directories.isDisjointFrom(b.paths)
  );
}
