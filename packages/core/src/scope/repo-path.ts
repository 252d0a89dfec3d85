import { z } from 'zod';

/**
 * A path inside a repository: relative, forward slashes, no empty, `.` or `..` segment, no control
 * characters, never inside `.git`.
 */
export function isRepoPath(path: string): boolean {
  if (path === '' || path.length > 1024 || path.startsWith('/') || path.includes('\\')) return false;
  if (hasControlCharacter(path) || /^[A-Za-z]:/.test(path)) return false;
  return path
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => (character.codePointAt(0) ?? 0) < 0x20 || character === '\u007f');
}

/** One scope entry: a file, or a directory written `dir/` or `dir/**`. */
export const ScopePathSchema = z.string().refine((entry) => isRepoPath(baseOfScopePath(entry)), {
  error: 'must be a path inside the repository: relative, forward slashes, no "..", not in .git',
});

/** The file or directory a scope entry names, without the directory marker. */
export function baseOfScopePath(entry: string): string {
  return entry.replace(/\/\*\*$/, '').replace(/\/$/, '');
}

function isDirectoryEntry(entry: string): boolean {
  return entry.endsWith('/') || entry.endsWith('/**');
}
/** Whether a file lies in at least one of the scope entries. */
export function isInScope(file: string, scope: readonly string[]): boolean {
  return scope.some((entry) => {
    const base = baseOfScopePath(entry);
    return file === base || (isDirectoryEntry(entry) && file.startsWith(`${base}/`));
  });
}

/** Whether two scope entries can name the same file. */
export function scopePathsOverlap(a: string, b: string): boolean {
  const [baseA, baseB] = [baseOfScopePath(a), baseOfScopePath(b)];
  if (baseA === baseB) return true;
  if (isDirectoryEntry(a) && baseB.startsWith(`${baseA}/`)) return true;
  return isDirectoryEntry(b) && baseA.startsWith(`${baseB}/`);
}
