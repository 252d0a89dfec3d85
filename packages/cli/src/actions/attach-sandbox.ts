import type { CliContext } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { runInterruptible } from '../model/run-interruptible.ts';
import { locateSandboxes, openSandboxBackend, refuseShortLived } from '../sandbox/open-sandboxes.ts';
import { parseVariables, readSecrets } from '../sandbox/parse-sandbox-flags.ts';
import { reportCommand, runCommandLine } from '../sandbox/run-command.ts';
import type { SandboxRunFlags } from '../sandbox/sandbox-flags.ts';

export interface AttachRequest {
  readonly id: string;
  readonly line: readonly string[];
  readonly flags: SandboxRunFlags;
}

/** `agentswarm sandbox attach ID -- CMD…`: the sandbox stays, however the command ends. */
export async function attachToSandbox(
  context: CliContext,
  { id, line, flags }: AttachRequest,
): Promise<ExitCode> {
  refuseShortLived(flags.backend);
  const place = await locateSandboxes(context, flags);
  const secrets = Object.entries(readSecrets(context, flags.secret));
  const env = {
    ...parseVariables(flags.env),
    ...Object.fromEntries(secrets.map(([name, secret]) => [name, secret.reveal()])),
  };
  return await runInterruptible(context, async (signal) => {
    await using opened = await openSandboxBackend(context, place, { ...flags, purpose: 'existing' });
    const sandbox = await opened.backend.attach(id, { signal });
    try {
      const result = await runCommandLine(context, { sandbox, line, flags, env, signal });
      signal.throwIfAborted();
      return reportCommand(context, { sandbox, result, kept: true }, flags);
    } finally {
      await sandbox.detach();
    }
  });
}
