import { setPriority } from 'node:os';
import { errnoOf } from '../errno-of.ts';

/** Below what runs in front: whoever ends a bomb must come to do so. */
const SANDBOX_NICENESS = 5;

/** Lets other processes go before this one and all it starts; nothing when it has ended already. */
export function lowerPriority(pid: number): void {
  try {
    setPriority(pid, SANDBOX_NICENESS);
  } catch (error) {
    if (errnoOf(error) !== 'ERR_SYSTEM_ERROR') throw error;
  }
}
