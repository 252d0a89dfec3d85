import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How to start a worker process, and what of this installation it must be able to read. */
export interface WorkerRuntime {
  /** Program and arguments; the path of the assignment is added. */
  readonly command: readonly [string, ...string[]];
  readonly readOnlyPaths: readonly string[];
  readonly nodePath: string;
}

/** Finds the worker that belongs to this installation: its sources in a checkout, else its build. */
export function findWorkerRuntime(): WorkerRuntime {
  const main = fileURLToPath(import.meta.resolve('@agentswarm/worker/main'));
  const nodePath = process.execPath;
  const flags = main.endsWith('.ts') ? ['--conditions=@agentswarm/source'] : [];
  return { command: [nodePath, ...flags, main], readOnlyPaths: runtimePaths(main), nodePath };
}

/**
 * The folders a worker loads modules from: the outermost `node_modules` around its main file, or the
 * packages and dependencies of the checkout.
 */
function runtimePaths(main: string): string[] {
  const parts = main.split(sep);
  const index = parts.indexOf('node_modules');
  if (index >= 0) return [parts.slice(0, index + 1).join(sep)];
  const packages = dirname(dirname(dirname(main)));
  return [packages, join(dirname(packages), 'node_modules')];
}
