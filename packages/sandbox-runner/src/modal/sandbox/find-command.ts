import { SandboxError } from '../../errors.ts';
import type { RunInside } from '../../inside/inside-command.ts';
import { sandboxLabel } from '../../process/process-table.ts';

/** Looks through the environments of all processes; it is in none itself. */
const FIND_LABEL = 'PATH=/usr/bin:/bin:$PATH; exec grep -qszxF -e "$1" /proc/[0-9]*/environ';
const TIMEOUT_MS = 30_000;

/**
 * Whether a command of a sandbox runs, whoever started it; undefined when the sandbox has ended. What runs
 * without being one bears no label.
 *
 * @throws {SandboxError} SANDBOX_REMOTE_UNAVAILABLE where that cannot be seen
 */
export async function findsCommand(id: string, run: RunInside): Promise<boolean | undefined> {
  const { reason, exitCode, stderr } = await run({
    command: ['/bin/sh', '-c', FIND_LABEL, 'sh', sandboxLabel(id)],
    cwd: '/',
    env: { LC_ALL: 'C' },
    maxOutputBytes: 1024,
    timeoutMs: TIMEOUT_MS,
  }).result;
  if (reason === 'aborted') return undefined;
  // One that ended meanwhile cannot be read, which exits as a failure does: nothing was found.
  if (reason === 'exited') return exitCode === 0;
  const message = `it cannot be seen whether a command runs in ${id} (${reason}): ${stderr.trim()}`;
  throw new SandboxError('SANDBOX_REMOTE_UNAVAILABLE', message, { details: { sandbox: id } });
}
