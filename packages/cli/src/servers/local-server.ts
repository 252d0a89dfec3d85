import type { Clock } from '@agentswarm/core';
import type { LocalServer } from '@agentswarm/llm-client';
import type { CliContext } from '../context.ts';
import { startProcess, type StartedProcess } from '../spawn.ts';
import type { ServerOutput } from './server-not-started.ts';
import { untilReady } from './until-ready.ts';

/** Long enough for weights on a local disk; a download is for a person to do before. */
const READY_TIMEOUT_MS = 120_000;
/** What a server may take to put its model away before it is killed. */
const END_GRACE_MS = 5000;

export interface LocalServerOptions extends ServerOutput {
  readonly context: Pick<CliContext, 'directory' | 'env'>;
  readonly clock: Clock;
  /** Default 120 000. */
  readonly readyTimeoutMs?: number;
}

/** A server that is started when somebody needs it, once however many ask. */
export interface LocalServerProcess extends Required<LocalServer> {
  /** Whether a start failed: what the server printed is worth reading. */
  readonly hasFailed: boolean;
  /** Ends what was started; from then on nothing is. */
  end(): Promise<void>;
}

/** Starts nothing until it is asked to. */
export function createLocalServer(options: LocalServerOptions): LocalServerProcess {
  const { endpoint, command, outputPath, context, clock, readyTimeoutMs = READY_TIMEOUT_MS } = options;
  const over = new AbortController();
  let running: StartedProcess | undefined;
  let starting: Promise<void> | undefined;
  let hasFailed = false;

  const startAnother = (): StartedProcess => {
    const [file = '', ...args] = command;
    const server = startProcess(file, args, { cwd: context.directory, env: context.env, outputPath });
    running = server;
    void server.ended.then(() => (running = undefined));
    return server;
  };
  const ready = ({ ended }: StartedProcess) =>
    untilReady(endpoint, { server: options, timeoutMs: readyTimeoutMs, clock, ended, signal: over.signal });
  /** One that lives but cannot be asked is loading, or about to end: only then another takes its place. */
  const launch = async (): Promise<void> => {
    over.signal.throwIfAborted();
    const earlier = running;
    try {
      if (earlier !== undefined) return await ready(earlier);
    } catch (error) {
      if (running === earlier || over.signal.aborted) throw error;
    }
    await ready(startAnother());
  };
  const launchNoted = async (): Promise<void> => {
    try {
      await launch();
    } catch (error) {
      hasFailed ||= !over.signal.aborted;
      throw error;
    }
  };

  return {
    get hasFailed() {
      return hasFailed;
    },
    async start(signal) {
      signal?.throwIfAborted();
      starting ??= launchNoted().finally(() => (starting = undefined));
      await orAborted(starting, signal);
    },
    async end() {
      over.abort(new DOMException('the command has ended', 'AbortError'));
      await Promise.allSettled([starting]);
      if (running !== undefined) await endProcess(running, clock);
    },
  };
}

async function endProcess(server: StartedProcess, clock: Clock): Promise<void> {
  server.signal('SIGTERM');
  const ended = new AbortController();
  void server.ended.then(() => ended.abort());
  const patience = clock.sleep(END_GRACE_MS, ended.signal);
  const [grace] = await Promise.allSettled([patience]);
  if (grace.status === 'fulfilled') server.signal('SIGKILL');
  await server.ended;
}

/** A caller that loses patience leaves; the others go on waiting. */
async function orAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const leave = () => reject(signal.reason as Error);
  signal.addEventListener('abort', leave, { once: true });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
