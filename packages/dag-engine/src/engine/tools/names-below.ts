import { isAbsolute, relative, sep } from 'node:path';

/** The names that lead from a directory to a path in it (none for itself); `null` when the path is outside. */
export function namesBelow(directory: string, path: string): readonly string[] | null {
  const way = relative(directory, path);
  if (way === '') return [];
  const names = way.split(sep);
  return names[0] === '..' || isAbsolute(way) ? null : names;
}
