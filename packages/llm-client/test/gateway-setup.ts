import { request as httpRequest } from 'node:http';
import {
  AttemptIdSchema,
  RunEventSchema,
  Secret,
  TaskIdSchema,
  type LogFields,
  type Logger,
  type ModelCalledEvent,
} from '@agentswarm/core';
import { createGateway, type Gateway, type GatewayOptions, type Grant } from '@agentswarm/llm-client';
import { makeTempDir } from './script-dir.ts';

export const PROVIDER_KEY = 'sk-provider-canary-83hf02';

export interface GatewayBench extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly events: ModelCalledEvent[];
  readonly logged: [string, LogFields][];
  /** A grant for attempt 1 of a task. */
  grantFor(task: string, model?: string): Grant & { readonly url: string };
}

export async function openGateway(
  baseUrl: string,
  options: Partial<GatewayOptions> = {},
): Promise<GatewayBench> {
  const dir = await makeTempDir();
  const events: ModelCalledEvent[] = [];
  const logged: [string, LogFields][] = [];
  const gateway = await createGateway({
    endpoints: [{ name: 'provider', baseUrl, apiKey: new Secret(PROVIDER_KEY), model: 'm-real' }],
    onCall: (event) => {
      RunEventSchema.parse(event);
      events.push(event);
    },
    socketDir: dir.path,
    tcp: true,
    logger: recordInto(logged),
    ...options,
  });
  return {
    gateway,
    events,
    logged,
    grantFor(task, model) {
      const taskId = TaskIdSchema.parse(task);
      const attemptId = AttemptIdSchema.parse(`${task}.1`);
      const grant = gateway.grant({
        taskId,
        attemptId,
        role: 'worker',
        ...(model === undefined ? {} : { model }),
      });
      return { ...grant, url: grant.url ?? '' };
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

function recordInto(lines: [string, LogFields][]): Logger {
  const write = (fields: LogFields, message: string) => void lines.push([message, fields]);
  const logger: Logger = { debug: write, info: write, warn: write, error: write, child: () => logger };
  return logger;
}

export async function post(
  grant: { readonly url: string; readonly token: Secret },
  body: unknown,
  init: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal } = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(`${grant.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${grant.token.reveal()}`, ...init.headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(init.signal === undefined ? {} : { signal: init.signal }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** A request as node:http makes it, so that any header and a Unix socket can be used. */
export async function rawRequest(options: {
  readonly socketPath?: string;
  readonly port?: number;
  readonly path: string;
  readonly method?: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}): Promise<{ status: number; text: string }> {
  const { body, ...rest } = options;
  return await new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: '127.0.0.1', ...rest }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
