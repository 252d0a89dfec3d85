import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createCassetteRecorder, readCassette } from '@agentswarm/llm-client/cassette';
import { print, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { readModelSettings, type ModelFlags } from '../model/model-settings.ts';
import { exportLines, openGateway } from '../model/open-gateway.ts';
import { parsePort } from '../model/parse-port.ts';
import { createSpendCounter, formatSpendCount } from '../model/spend-count.ts';
import { untilSignal } from '../model/until-signal.ts';
import { formatQuantity } from '../view/format.ts';

export interface RecordFlags extends ModelFlags {
  readonly out: string;
  readonly port: string;
}

/** `agentswarm model record`: a gateway that keeps every exchange in a cassette until Ctrl-C. */
export async function recordModel(context: CliContext, flags: RecordFlags): Promise<ExitCode> {
  const port = parsePort(flags.port);
  const path = resolve(context.directory, flags.out);
  await assertCassette(path, flags.out);
  const settings = await readModelSettings(context, flags);
  const counter = createSpendCounter();
  let exchanges = 0;
  {
    await using recorder = createCassetteRecorder({
      path,
      secrets: settings.secrets,
      logger: settings.logger,
      onExchange: () => (exchanges += 1),
    });
    await using gateway = await openGateway(settings, flags, {
      role: 'worker',
      tcp: { port },
      onCall: (event) => counter.add(event),
      recorder,
    });
    const ended = untilSignal(context, gateway.exhausted);
    context.stderr.write(`recording ${gateway.grant.model} into ${flags.out} (Ctrl-C ends it)\n`);
    print(context, exportLines(gateway));
    await ended;
  }
  const kept = `${formatQuantity(exchanges, 'exchange')} recorded in ${flags.out}`;
  context.stderr.write(`${kept}; ${formatSpendCount(counter.count())}\n`);
  return EXIT_CODES.goalMet;
}

/** Says before the first call what would otherwise come out after the last. */
async function assertCassette(path: string, named: string): Promise<void> {
  if (existsSync(path)) {
    await readCassette(path);
    return;
  }
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new CliError('CLI_OUTPUT_REFUSED', `cannot write "${named}": its folder does not exist`, {
    details: { path },
  });
}
