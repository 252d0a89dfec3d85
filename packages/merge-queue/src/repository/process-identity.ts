import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process this is, as far as the system can tell: a process number alone is used again after a while. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** Boot and start of the process where the system tells them (Linux), empty elsewhere. */
  readonly started: string;
}

export function currentProcess(): ProcessIdentity {
  return { host: hostname(), pid: process.pid, started: startOf(process.pid) };
}

/** Whether a process may still be alive. One on another host always may be. */
export function mayBeAlive({ host, pid, started }: ProcessIdentity): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: somebody else's, so it is there.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  return started === startOf(pid);
}

function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The name, in parentheses, may have spaces; the start time is the 20th field after it.
    const [, fields = ''] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return `${boot}/${fields.split(' ')[19] ?? ''}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
