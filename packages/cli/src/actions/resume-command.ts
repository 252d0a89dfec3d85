import { relative } from 'node:path';
import { COMMAND } from '../command-name.ts';

/** What a person types to take up the newest run of a target from the directory they are in. */
export function resumeCommandFor(directory: string, targetPath: string): string {
  const path = relative(directory, targetPath);
  if (path === '') return `${COMMAND} resume`;
  return `${COMMAND} resume --target ${path.startsWith('..') ? targetPath : path}`;
}
