import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the process was started with; the only place that reads the environment and the working directory. */
export interface Invocation {
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads environment and directory of this process. */
export function readInvocation(): Invocation {
  return { directory: selectDirectory(process.cwd(), process.env), env: process.env };
}

/**
 * The directory a person typed the command in. npm and pnpm run scripts in the package's folder and say
 * in INIT_CWD where they were called; a process started elsewhere inherits a stale one, which is ignored.
 */
export function selectDirectory(cwd: string, env: Readonly<Record<string, string | undefined>>): string {
  const typedIn = env['INIT_CWD'];
  if (typedIn === undefined || typedIn === '') return cwd;
  const manifest = env['npm_package_json'];
  if (manifest !== undefined && manifest !== '' && dirname(manifest) !== cwd) return cwd;
  return statSync(typedIn, { throwIfNoEntry: false })?.isDirectory() === true ? typedIn : cwd;
}
