import { readdirSync, readFileSync } from 'node:fs';
import { errnoOf } from '../errors.ts';

const FIRST_UNUSUAL = 3;
const CLOSE_ON_EXEC = 0o2_000_000;
const HAS_PROC = process.platform === 'linux';

/**
 * Lists the open descriptors of this process, besides the standard ones, that a program it starts would
 * inherit: whoever started this process may have left it a file, or a folder that leads everywhere.
 * Linux only; elsewhere node leaves none open.
 */
export function listInheritedDescriptors(): number[] {
  if (!HAS_PROC) return [];
  return readdirSync('/proc/self/fdinfo')
    .map(Number)
    .filter((descriptor) => descriptor >= FIRST_UNUSUAL && isInherited(descriptor));
}

function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1];
    return (Number.parseInt(flags ?? '0', 8) & CLOSE_ON_EXEC) === 0;
  } catch (error) {
    // The descriptor of the listing itself is closed by now.
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
