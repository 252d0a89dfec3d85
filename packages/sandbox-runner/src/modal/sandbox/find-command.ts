import { SandboxError } from '../../errors.ts';
import type { RunInside } from '../../inside/inside-command.ts';
import { sandboxLabel } from '../../process/process-table.ts';
import { runLabelScript } from './run-label-script.ts';

const FIND_LABEL = 'exec grep -qszxF -e "$1" /proc/[0-9]*/environ';

/**
 * Whether a command of a sandbox runs, whoever started it; undefined when the sandbox has ended. What runs
 * without being one bears no label.
 *
 * @throws {SandboxError} SANDBOX_REMOTE_UNAVAILABLE where that cannot be seen
 */
export async function findsCommand(id: string, run: RunInside): Promise<boolean | undefined> {
  const { reason, exitCode, stderr } = await runLabelScript(run, FIND_LABEL, sandboxLabel(id));
  if (reason === 'aborted') return undefined;
  // One that ended meanwhile cannot be read, which exits as a failure does: nothing was found.
  if (reason === 'exited') return exitCode === 0;
  const message = `it cannot be seen whether a command runs in ${id} (${reason}): ${stderr.trim()}`;
  throw new SandboxError('SANDBOX_REMOTE_UNAVAILABLE', message, { details: { sandbox: id } });
}
