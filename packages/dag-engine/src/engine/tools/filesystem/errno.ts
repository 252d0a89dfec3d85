/** The system's name of a failure (`ENOENT`), if it was the system that failed. */
export function errnoOf(error: unknown): string | undefined {
  const code: unknown = (error as NodeJS.ErrnoException | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
