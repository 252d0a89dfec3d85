import { print, printJson, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { locateSandboxes, openSandboxList } from '../sandbox/open-sandboxes.ts';
import type { SandboxFlags } from '../sandbox/sandbox-flags.ts';

/** `agentswarm sandbox reap`. */
export async function reapSandboxes(context: CliContext, flags: SandboxFlags): Promise<ExitCode> {
  const place = await locateSandboxes(context, flags);
  await using opened = await openSandboxList(context, place, flags);
  const { backend } = opened;
  const labels = flags.run === undefined ? {} : { run: flags.run };
  const reaped = await backend.reap(labels, { detached: flags.kept === true });
  const left = (await backend.list(labels)).length;
  if (flags.json === true) printJson(context, { v: 1, reaped, left });
  else print(context, `${reaped} removed, ${left} left`);
  return EXIT_CODES.goalMet;
}
