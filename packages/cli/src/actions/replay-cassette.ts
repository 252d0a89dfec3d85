import { resolve } from 'node:path';
import { createReplayServer, readCassette, type ReplayServerOptions } from '@agentswarm/llm-client/cassette';
import { loadConfig, secretsOf } from '../config/load-config.ts';
import { print, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { readModelSettings, type ModelFlags } from '../model/model-settings.ts';
import { openGateway } from '../model/open-gateway.ts';
import { parsePort } from '../model/parse-port.ts';
import { untilSignal } from '../model/until-signal.ts';
import { formatQuantity } from '../view/format.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

export interface ReplayFlags extends ModelFlags {
  readonly port: string;
  readonly mode: 'strict' | 'lenient' | 'record-missing';
  readonly timing: 'recorded' | 'none';
}

interface ReplayCounts {
  replayed: number;
  missed: number;
  forwarded: number;
}

/** `agentswarm model replay`: plays a cassette as an OpenAI-compatible server until Ctrl-C; 1 when something was missing. */
export async function replayCassette(
  context: CliContext,
  file: string,
  flags: ReplayFlags,
): Promise<ExitCode> {
  const port = parsePort(flags.port);
  const path = resolve(context.directory, file);
  const counts: ReplayCounts = { replayed: 0, missed: 0, forwarded: 0 };
  {
    await using opened = new AsyncDisposableStack();
    const { source, broken } = await openSource(context, { path, flags }, opened);
    const server = opened.use(
      await createReplayServer({
        ...source,
        port,
        timing: flags.timing,
        onRequest(request) {
          counts[request.outcome] += 1;
          if (request.outcome === 'missed') context.stderr.write(`${toTerminalLine(request.problem)}\n`);
        },
      }),
    );
    const ended = untilSignal(context, broken);
    print(context, `replay of ${file} at ${server.url} (Ctrl-C ends it)`);
    await ended;
  }
  const { replayed, missed, forwarded } = counts;
  const recorded = forwarded === 0 ? '' : `, ${forwarded} asked of the endpoint`;
  context.stderr.write(
    `${formatQuantity(replayed, 'request')} replayed, ${missed} not recorded${recorded}\n`,
  );
  return missed > 0 ? EXIT_CODES.notMet : EXIT_CODES.goalMet;
}

/** What is missing is asked through a gateway of our own: it counts, and keeps within the bounds. */
async function openSource(
  context: CliContext,
  { path, flags }: { readonly path: string; readonly flags: ReplayFlags },
  opened: AsyncDisposableStack,
): Promise<{ readonly source: ReplayServerOptions; readonly broken?: AbortSignal }> {
  const { mode } = flags;
  if (mode !== 'record-missing') {
    // What was overwritten in the cassette is overwritten in requests, too, or they would not match.
    const { config } = await loadConfig(context, { ...flags, target: flags.target ?? context.directory });
    return { source: { mode, cassette: await readCassette(path), secrets: secretsOf(config) } };
  }
  const settings = await readModelSettings(context, flags);
  const { logger, secrets } = settings;
  const request = { role: 'worker', tcp: {}, onCall: () => {} } as const;
  const { url, grant, exhausted: broken } = opened.use(await openGateway(settings, flags, request));
  const name = settings.endpoints.map((endpoint) => endpoint.name).join(', ');
  const endpoint = { name, baseUrl: url, model: grant.model, apiKey: grant.token };
  return { source: { mode, path, endpoint, secrets, logger }, broken };
}
