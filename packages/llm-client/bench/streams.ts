/**
 * What client and gateway add to streams, each against the bare SDK on the same server in the same run:
 *
 *   node --conditions=@agentswarm/source packages/llm-client/bench/streams.ts
 *
 * Server, gateway and every load are processes of their own. Prints one JSON object a line.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway } from '@agentswarm/llm-client';
import { startPacedServer } from './paced-server.ts';
import { runLoad, type Load, type LoadResult } from './stream-load.ts';

const PACED_STREAMS = 200;
const STREAMS_PER_LANE = 2;
const PACED_ROUNDS = 5;
const UNPACED_STREAMS = 400;
const UNPACED_CONCURRENCY = 10;
const ROUNDS = 5;

type Place = { readonly url: string; readonly key: string };

const [role, argument = ''] = process.argv.slice(2);
if (role === 'server') await serve();
else if (role === 'gateway') await serveGateway(argument);
else if (role === 'load') process.send?.(await runLoad(JSON.parse(argument) as Load));
else await compare();

async function serve(): Promise<void> {
  const { url } = await startPacedServer();
  process.send?.({ url, key: 'any' });
}

/** Answers every message with its processor time and resident memory so far. */
async function serveGateway(url: string): Promise<void> {
  const socketDir = await mkdtemp(join(tmpdir(), 'bench-'));
  const gateway = await createGateway({
    endpoints: [{ name: 'bench', baseUrl: url, model: 'bench' }],
    socketDir,
    tcp: true,
    onCall: () => {},
  });
  process.on('message', (message) => {
    if (message === 'stop') void gateway.close().then(() => rm(socketDir, { recursive: true }));
    if (message === 'stop') process.disconnect();
    else {
      const { user, system } = process.cpuUsage();
      process.send?.({ cpuMs: (user + system) / 1000, rss: process.memoryUsage.rss() });
    }
  });
  const { token } = gateway.grant({ role: 'worker' });
  process.send?.({ url: gateway.url?.replace(/\/v1$/, ''), key: token.reveal() });
}

async function compare(): Promise<void> {
  const server = start('server');
  const direct = await hear<Place>(server);
  const gateway = start('gateway', direct.url);
  const through = await hear<Place>(gateway);
  try {
    // The first warms the gateway up for the second.
    await compareUnpaced(direct, through, gateway);
    await comparePaced(direct, through, gateway);
  } finally {
    gateway.send('stop');
    await once(gateway, 'exit');
    server.kill();
  }
}

async function comparePaced(direct: Place, through: Place, gateway: ChildProcess): Promise<void> {
  // A stream lasts four seconds; begun evenly, the lanes keep beginning new ones while 200 are open.
  const load = {
    through: 'sdk',
    streams: PACED_STREAMS * STREAMS_PER_LANE,
    concurrency: PACED_STREAMS,
    staggerMs: 4_000 / PACED_STREAMS,
    paced: true,
  } as const;
  const rounds: { p50: number; p95: number; share: number; bytes: number }[] = [];
  for (let round = 0; round < PACED_ROUNDS; round += 1) {
    const plain = await runIn({ ...load, ...direct });
    const before = await measure(gateway);
    const gated = await runAndWatch({ ...load, ...through }, gateway);
    const added = (share: number) => at(gated.result.firstTokenMs, share) - at(plain.firstTokenMs, share);
    rounds.push({
      p50: added(0.5),
      p95: added(0.95),
      share: plain.wallMs / gated.result.wallMs,
      bytes: (gated.peakRss - before.rss) / PACED_STREAMS,
    });
  }
  const median = (pick: (round: (typeof rounds)[number]) => number) => at(rounds.map(pick), 0.5);
  print({
    case: 'paced, 50 tokens a second',
    streams: PACED_STREAMS,
    addedFirstTokenMs: { p50: median(({ p50 }) => p50), p95: median(({ p95 }) => p95) },
    rounds: rounds.map(({ p50, p95 }) => [p50, p95]),
    throughputShare: median(({ share }) => share),
    gatewayBytesPerOpenStream: Math.round(median(({ bytes }) => bytes)),
  });
}

/** The value below which that share of the values lies. */
function at(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN;
}

async function compareUnpaced(direct: Place, through: Place, gateway: ChildProcess): Promise<void> {
  const load = { streams: UNPACED_STREAMS, concurrency: UNPACED_CONCURRENCY, staggerMs: 0, paced: false };
  const costs: { sdk: number; client: number; gateway: number }[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const sdk = await runIn({ ...load, ...direct, through: 'sdk' });
    const client = await runIn({ ...load, ...direct, through: 'client' });
    const before = await measure(gateway);
    await runIn({ ...load, ...through, through: 'sdk' });
    const after = await measure(gateway);
    // The first round warms the gateway up.
    if (round > 0) {
      const ownMs = (after.cpuMs - before.cpuMs) / UNPACED_STREAMS;
      costs.push({ sdk: sdk.cpuMsPerStream, client: client.cpuMsPerStream, gateway: ownMs });
    }
  }
  const median = (pick: (cost: (typeof costs)[number]) => number) => at(costs.map(pick), 0.5);
  print({
    case: 'unpaced, 200 tokens',
    cpuMsPerStream: {
      sdk: median((c) => c.sdk),
      client: median((c) => c.client),
      gateway: median((c) => c.gateway),
    },
    clientOverSdk: median((c) => c.client / c.sdk),
    gatewayOverSdk: median((c) => c.gateway / c.sdk),
  });
}

async function runAndWatch(
  load: Load,
  gateway: ChildProcess,
): Promise<{ result: LoadResult; peakRss: number }> {
  let peakRss = 0;
  const watch = setInterval(
    () => void measure(gateway).then(({ rss }) => (peakRss = Math.max(peakRss, rss))),
    200,
  );
  const result = await runIn(load);
  clearInterval(watch);
  return { result, peakRss };
}

async function runIn(load: Load): Promise<LoadResult> {
  const child = start('load', JSON.stringify(load));
  const result = await hear<LoadResult>(child);
  child.kill();
  return result;
}

async function measure(gateway: ChildProcess): Promise<{ cpuMs: number; rss: number }> {
  gateway.send('measure');
  return await hear(gateway);
}

function start(...args: readonly string[]): ChildProcess {
  return fork(import.meta.filename, args, { execArgv: ['--conditions=@agentswarm/source'] });
}

async function hear<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, 'message')) as [T];
  return message;
}

function print(line: object): void {
  console.log(
    JSON.stringify(line, (_key, value: unknown) =>
      typeof value === 'number' ? Number(value.toPrecision(4)) : value,
    ),
  );
}
