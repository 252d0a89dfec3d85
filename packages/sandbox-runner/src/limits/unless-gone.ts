import { errnoOf } from '../errno-of.ts';

const GONE = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

/** Reads something of a process; undefined when it has ended meanwhile or is somebody else's. */
export function unlessGone<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (GONE.has(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}
