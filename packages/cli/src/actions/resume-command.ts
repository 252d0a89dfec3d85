import { relative } from 'node:path';
import { commandIn } from '../command-name.ts';

/** What a person types to take up the newest run of a target from the directory they are in. */
export function resumeCommandFor(directory: string, targetPath: string): string {
  const path = relative(directory, targetPath);
  if (path === '') return `${commandIn(directory)} resume`;
  return `${commandIn(directory)} resume --target ${path.startsWith('..') ? targetPath : path}`;
}
