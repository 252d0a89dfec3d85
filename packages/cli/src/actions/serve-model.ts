import { resolve } from 'node:path';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import { print, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { parsePort } from '../model/parse-port.ts';
import { untilSignal } from '../model/until-signal.ts';

export interface ServeFlags {
  readonly script: string;
  readonly port: string;
  readonly host: string;
}

/** `agentswarm model serve`: plays authored answers until Ctrl-C. */
export async function serveModel(context: CliContext, flags: ServeFlags): Promise<ExitCode> {
  const port = parsePort(flags.port);
  const scriptDir = resolve(context.directory, flags.script);
  await using server = await createScriptedModelServer({ scriptDir, host: flags.host, port });
  print(context, `scripted model at ${server.url} (Ctrl-C ends it)`);
  await untilSignal(context);
  return EXIT_CODES.goalMet;
}
