/** Two names with one fold are one file where case or the form of accents does not count. */
export function foldName(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** A path and every directory it is in: `a`, `a/b`, `a/b/c`. */
export function prefixesOf(path: string): readonly string[] {
  const prefixes: string[] = [];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1))
    prefixes.push(path.slice(0, at));
  prefixes.push(path);
  return prefixes;
}
