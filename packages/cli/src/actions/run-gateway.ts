import { systemClock } from '@agentswarm/core';
import { print, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { readModelSettings, type ModelFlags } from '../model/model-settings.ts';
import { exportLines, openGateway, parseRole } from '../model/open-gateway.ts';
import { parsePort } from '../model/parse-port.ts';
import { createSpendCounter, formatSpendCount } from '../model/spend-count.ts';
import { untilSignal } from '../model/until-signal.ts';

export interface GatewayFlags extends ModelFlags {
  readonly port: string;
  readonly host: string;
  readonly allowRemote?: boolean;
  readonly events?: boolean;
  readonly role: string;
}

/** `agentswarm gateway`: stands in front of the configured endpoints until Ctrl-C. */
export async function runGateway(context: CliContext, flags: GatewayFlags): Promise<ExitCode> {
  const { host, allowRemote = false } = flags;
  const tcp = { host, port: parsePort(flags.port), allowRemote };
  const role = parseRole(flags.role);
  const settings = await readModelSettings(context, flags);
  const counter = createSpendCounter();
  await using gateway = await openGateway(settings, flags, {
    role,
    tcp,
    onCall(event) {
      counter.add(event);
      if (flags.events !== true) return;
      context.stdout.write(`${JSON.stringify({ atMs: systemClock.nowMs(), event })}\n`);
    },
  });
  const ended = untilSignal(context, gateway.exhausted);
  const names = settings.endpoints.map(({ name }) => name).join(', ');
  context.stderr.write(`gateway to ${names}, model ${gateway.grant.model} (Ctrl-C ends it)\n`);
  // Where events are read by a program, lines for a shell would be no JSON.
  print({ stdout: flags.events === true ? context.stderr : context.stdout }, exportLines(gateway));
  try {
    await ended;
  } finally {
    context.stderr.write(`${formatSpendCount(counter.count())}\n`);
  }
  return EXIT_CODES.goalMet;
}
