import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Most of our constructors are `(code, message, { details, cause })`. */
const USUAL_POSITION = 3;

/** Finds the error classes of all packages, so `preserve-caught-error` also watches `throw new GitError(…)`. */
export function findErrorClasses(root: string): { name: string; argumentPosition: number }[] {
  const files = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /^[^/]+\/src\/(.*\/)?errors\.ts$/.test(file))
    .sort();
  const classes = files.flatMap((file) => classesOf(readFileSync(join(root, 'packages', file), 'utf8')));
  return [...new Map(classes).entries()].map(([name, argumentPosition]) => ({ name, argumentPosition }));
}

function classesOf(source: string): [name: string, position: number][] {
  const classes = [...source.matchAll(/^export class (\w+) extends \w*Error\b[\s\S]*?^}/gm)];
  return classes.map(([text, name = '']) => [name, optionsPosition(text)]);
}

/** Which parameter of a class's own constructor takes the options, counted from 1. */
function optionsPosition(text: string): number {
  const [, parameters = ''] = /constructor\(([\s\S]*?)\) \{/.exec(text) ?? [];
  const names = parameters.replace(/\{[^}]*\}/g, '').matchAll(/(\w+)\??:/g);
  const index = [...names].findIndex(([, name]) => name === 'options');
  return index === -1 ? USUAL_POSITION : index + 1;
}
