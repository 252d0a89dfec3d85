import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { servesRole } from '../endpoint/endpoint.ts';
import { sendError, sendJson } from '../http/open-ai-error.ts';
import { readBody } from '../http/read-body.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { ActiveGrant } from './grants.ts';

const MAX_LIST_BYTES = 4 * 1024 * 1024;

const ModelListSchema = z.object({ data: z.array(z.looseObject({ id: z.string() })) });
type ModelEntry = z.infer<typeof ModelListSchema>['data'][number];

/** Sends the model lists of the endpoints that serve the token's role, as one. It costs nothing and is not reported. */
export async function forwardModels(
  response: ServerResponse,
  call: GatewayContext & { readonly grant: ActiveGrant; readonly signal: AbortSignal },
): Promise<void> {
  const serving = call.router.endpoints.filter((endpoint) => servesRole(endpoint, call.grant.role));
  const lists = await Promise.all(serving.map((endpoint) => listModels(endpoint, call)));
  if (call.signal.aborted) {
    response.destroy();
    return;
  }
  const models = lists.flatMap((list) => list ?? []);
  if (lists.every((list) => list === undefined)) {
    const message = `no endpoint gave a list of models: ${serving.map(({ name }) => name).join(', ')}`;
    sendError(response, { status: 502, type: 'server_error', code: 'endpoint_unreachable', message });
    return;
  }
  const data = [...new Map(models.map((model) => [model.id, model])).values()];
  sendJson(response, { status: 200, body: { object: 'list', data } });
}

async function listModels(
  endpoint: GatewayContext['router']['endpoints'][number],
  { upstreamOf, signal, logger }: GatewayContext & { readonly signal: AbortSignal },
): Promise<readonly ModelEntry[] | undefined> {
  const start = await upstreamOf(endpoint).open({ method: 'GET', path: '/models', signal });
  const body =
    start.kind === 'response' && start.response.statusCode === 200
      ? await readBody(start.response, MAX_LIST_BYTES)
      : undefined;
  const parsed = body?.ok === true ? ModelListSchema.safeParse(parseOrUndefined(body.bytes)) : undefined;
  if (start.kind === 'response' && body === undefined) start.response.resume();
  if (parsed?.success === true) return parsed.data.data;
  logger.warn({ endpoint: endpoint.name }, 'endpoint gave no list of models');
  return undefined;
}

function parseOrUndefined(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
