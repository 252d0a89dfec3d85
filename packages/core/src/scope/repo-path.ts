import { z } from 'zod';

/** Code points that some file systems ignore in names; see `core.protectHFS` of git. */
const IGNORABLE = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;

/**
 * A path inside a repository: relative, forward slashes, no empty, `.` or `..` segment, well-formed
 * Unicode without control characters, never inside `.git` under any name a file system takes for it.
 */
export function isRepoPath(path: string): boolean {
  if (path === '' || path.length > 1024 || path.startsWith('/') || path.includes('\\')) return false;
  if (!path.isWellFormed() || /\p{Cc}/u.test(path) || /^[A-Za-z]:/.test(path)) return false;
  return path
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && !namesGitFolder(part));
}

/** Windows drops trailing dots, spaces and `:stream`, and knows `.git` as `git~1`; macOS ignores some characters. */
function namesGitFolder(part: string): boolean {
  const [name = ''] = part.replace(IGNORABLE, '').toLowerCase().split(':');
  return ['.git', 'git~1'].includes(name.replace(/[. ]+$/, ''));
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
