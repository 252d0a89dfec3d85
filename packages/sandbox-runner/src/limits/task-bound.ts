import { existsSync } from 'node:fs';
import type { ResolvedLimits } from './default-limits.ts';
import { THREADS_PER_PROCESS } from './find-exceeded.ts';
import { readSmallFile } from './read-proc.ts';

/** Name in its messages, of which one is that the command could not be started. */
export const TASK_BOUNDER = 'prlimit';
const PROGRAM = `/usr/bin/${TASK_BOUNDER}`;

/** Puts the kernel's bound on processes and threads before a command. */
export type TaskBound = (
  command: readonly [string, ...string[]],
  limits: ResolvedLimits,
) => readonly [string, ...string[]];

/**
 * Makes the bound for commands in a user namespace of their own: elsewhere the kernel counts all that the
 * user runs. It does not count the host's root, who is bounded by the watchdog alone.
 */
export function createTaskBound(): TaskBound {
  if (process.getuid?.() === 0 || !existsSync(PROGRAM)) return (command) => command;
  const mostTasks = parseMostTasks(readSmallFile('/proc/self/limits'));
  return (command, { processes }) => {
    const tasks = Math.min(processes * THREADS_PER_PROCESS, mostTasks);
    return [PROGRAM, `--nproc=${tasks}:${tasks}`, '--', ...command];
  };
}

/** The most that may be asked for, from `/proc/<pid>/limits`. */
export function parseMostTasks(limits: string): number {
  const hard = /^Max processes\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? Number.MAX_SAFE_INTEGER : Number(hard);
}
