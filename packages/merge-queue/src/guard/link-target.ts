import { posix } from 'node:path';
import { isRepoPath } from '@agentswarm/core';

/**
 * Whether a symbolic link stays in the tree wherever it is checked out. It has to go up first and then
 * down: `..` behind a name is taken for leaving, because the name may be a link itself.
 */
export function isSafeLink(path: string, target: string): boolean {
  const steps = target
    .replace(/\/+$/, '')
    .split('/')
    .filter((step) => step !== '.' && step !== '');
  const down = steps.findIndex((step) => step !== '..');
  if (target === '' || target.startsWith('/') || (down !== -1 && steps.lastIndexOf('..') > down))
    return false;
  const reached = posix.join(posix.dirname(path), ...steps);
  return reached === '.' || reached === './' || isRepoPath(reached);
}
