import { constants } from 'node:os';

/** Signals that end this process unless somebody listens. */
const LETHAL = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Leaders of the groups that must not outlive this process. */
const guarded = new Set<number>();

/** Kills a group when this process ends, however it does; the function it gives kills the group at once. */
export function guardGroup(leader: number): () => void {
  if (guarded.size === 0) {
    process.on('exit', killAll);
    for (const name of LETHAL) process.on(name, endProcess);
  }
  guarded.add(leader);
  return () => {
    signalGroup(leader, 'SIGKILL');
    guarded.delete(leader);
    if (guarded.size > 0) return;
    process.off('exit', killAll);
    for (const name of LETHAL) process.off(name, endProcess);
  };
}

/** Signals every process of a group; one that is empty is none to signal. */
export function signalGroup(leader: number, name: NodeJS.Signals): void {
  try {
    process.kill(-leader, name);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function killAll(): void {
  for (const leader of guarded) signalGroup(leader, 'SIGKILL');
}

/** By default a signal ends the process without telling anybody; where others listen, they decide. */
function endProcess(name: NodeJS.Signals): void {
  if (process.listenerCount(name) === 1) process.exit(128 + constants.signals[name]);
}

/** ESRCH: nobody is left. EPERM: on macOS, only zombies are. */
function isGone(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return code === 'ESRCH' || code === 'EPERM';
}
