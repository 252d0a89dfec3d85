import { errnoOf } from '../errno-of.ts';

/** Sends a signal to a process, or with a negative id to a group; false when there is none (any more). */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ESRCH' || errno === 'EPERM') return errno === 'EPERM';
    throw error;
  }
}
