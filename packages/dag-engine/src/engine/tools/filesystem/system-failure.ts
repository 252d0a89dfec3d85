import { ToolError } from '../errors.ts';

const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['ENOTDIR', 'leads through something that is no directory'],
  ['EISDIR', 'is a directory'],
  ['ELOOP', 'leads through symlinks that lead nowhere or changed meanwhile'],
  ['EACCES', 'may not be accessed'],
  ['EPERM', 'may not be accessed'],
  ['ENAMETOOLONG', 'has a name that is too long'],
  ['ENOSPC', 'does not fit on the disk'],
]);

/** The system's name of a failure (`ENOENT`), if it was the system that failed. */
export function errnoOf(error: unknown): string | undefined {
  const code: unknown = (error as NodeJS.ErrnoException | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Runs file work; what the system refuses is told by path and reason alone, since its own words name descriptors. */
export async function tellingFailures<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined || error instanceof ToolError) throw error;
    throw new ToolError('TOOL_FAILED', `"${path}" ${MEANINGS.get(errno) ?? 'cannot be used'} (${errno})`, {
      details: { errno },
      cause: error,
    });
  }
}
