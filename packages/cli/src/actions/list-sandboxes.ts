import { systemClock } from '@agentswarm/core';
import { print, printJson, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { formatSandboxes } from '../sandbox/format-sandboxes.ts';
import { locateSandboxes, openSandboxList } from '../sandbox/open-sandboxes.ts';
import type { SandboxFlags } from '../sandbox/sandbox-flags.ts';

/** `agentswarm sandbox list`. */
export async function listSandboxes(context: CliContext, flags: SandboxFlags): Promise<ExitCode> {
  const place = await locateSandboxes(context, flags);
  await using opened = await openSandboxList(context, place, flags);
  const { backend } = opened;
  const sandboxes = await backend.list(flags.run === undefined ? {} : { run: flags.run });
  if (flags.json === true) printJson(context, { v: 1, sandboxes });
  else print(context, formatSandboxes(sandboxes, systemClock.nowMs()));
  return EXIT_CODES.goalMet;
}
