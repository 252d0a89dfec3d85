import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Our constructors are `(code, message, { details, cause })`. */
const OPTIONS_POSITION = 3;

/** Finds the error classes of all packages, so `preserve-caught-error` also watches `throw new GitError(…)`. */
export function findErrorClasses(root: string): { name: string; argumentPosition: number }[] {
  const files = globSync('packages/*/src/**/{errors,*-error}.ts', { cwd: root }).sort();
  const names = files.flatMap((file) => classNames(readFileSync(join(root, file), 'utf8')));
  return [...new Set(names)].map((name) => ({ name, argumentPosition: OPTIONS_POSITION }));
}

function classNames(source: string): string[] {
  return [...source.matchAll(/^export class (\w+) extends \w*Error\b/gm)].flatMap(([, name]) => name ?? []);
}
