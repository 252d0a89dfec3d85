import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CliError } from '../errors.ts';

const DEFAULT_TARGET = './target-repo';
/** What tells that a directory is meant to be built by the swarm. */
const MARKERS = ['SPEC.md', '.agentswarm'] as const;

/**
 * The absolute path of the target repository: the one named, else the directory itself when it holds a
 * SPEC.md or earlier runs, else `./target-repo`.
 *
 * @throws {CliError} CLI_TARGET_NOT_FOUND when that is not a directory.
 */
export function locateTarget(directory: string, named: string | undefined): string {
  const path = resolve(directory, named ?? defaultTarget(directory));
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path;
  const message =
    named === undefined
      ? `${directory} holds no SPEC.md and no ${DEFAULT_TARGET}: there is nothing to build here`
      : `the target ${path} is not a directory`;
  throw new CliError('CLI_TARGET_NOT_FOUND', message, { details: { path } });
}

function defaultTarget(directory: string): string {
  return MARKERS.some((marker) => existsSync(join(directory, marker))) ? '.' : DEFAULT_TARGET;
}
