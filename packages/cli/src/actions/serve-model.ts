import { resolve } from 'node:path';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import { print, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';

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

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new CliError('CLI_USAGE', `--port must be a whole number from 0 to 65535, not "${text}"`);
}

function untilSignal({ signals }: CliContext): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      signals.off('SIGINT', end);
      signals.off('SIGTERM', end);
      done();
    };
    signals.on('SIGINT', end);
    signals.on('SIGTERM', end);
  });
}
