import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { apiPathOf } from '../http/api-path.ts';
import { sendError, type OpenAiError } from '../http/open-ai-error.ts';
import { readBody } from '../http/read-body.ts';
import { forwardChat } from './forward-chat.ts';
import { forwardModels } from './forward-models.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { ActiveGrant } from './grants.ts';
import { prepareChatBody } from './prepare-chat-body.ts';

export function createGatewayHandler(context: GatewayContext): RequestListener {
  return (request, response) => {
    const handled = handle(request, response, context).catch((error: unknown) => {
      context.logger.error({ err: error }, 'gateway failed to handle a request');
      sendError(response, {
        status: 500,
        type: 'server_error',
        code: 'internal_error',
        message: 'the gateway failed to handle the request',
      });
    });
    context.handling.add(handled);
    void handled.finally(() => context.handling.delete(handled));
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  context: GatewayContext,
): Promise<void> {
  const checked = checkRequest(request, context);
  if (!checked.ok) {
    sendError(response, checked.error);
    return;
  }
  const { grant } = checked;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, grant.signal]);
  if (checked.path === '/models') {
    await forwardModels(response, { ...context, grant, signal });
    return;
  }
  const body = await readBody(request, context.maxBodyBytes);
  if (!body.ok) {
    // A body that was cut has no one left to answer to.
    const message = `the request body exceeds ${context.maxBodyBytes} bytes`;
    if (body.reason === 'too_large') sendError(response, refusal(413, 'request_too_large', message));
    return;
  }
  const prepared = prepareChatBody(body.bytes, grant, context.defaultMaxTokens);
  if (!prepared.ok) {
    sendError(response, prepared.error);
    return;
  }
  await forwardChat(response, { ...context, body: prepared.body, grant, signal });
}

type Checked =
  | { readonly ok: true; readonly grant: ActiveGrant; readonly path: '/models' | '/chat/completions' }
  | { readonly ok: false; readonly error: OpenAiError };

function checkRequest(request: IncomingMessage, context: GatewayContext): Checked {
  const fail = (error: OpenAiError): Checked => ({ ok: false, error });
  const { isAllowedHost, grants } = context;
  if (isAllowedHost !== undefined) {
    // A web page can reach loopback ports by DNS rebinding; it cannot choose these headers.
    const fromPage = request.headers.origin !== undefined;
    if (fromPage || !isAllowedHost((request.headers.host ?? '').toLowerCase())) {
      return fail(refusal(403, 'forbidden_host', 'the gateway serves local programs only'));
    }
  }
  const grant = grants.find(request.headers.authorization);
  if (grant === undefined) {
    return fail({
      status: 401,
      type: 'authentication_error',
      code: 'invalid_api_key',
      message: 'the gateway token is missing, unknown, expired or revoked',
    });
  }
  const path = apiPathOf(request.url);
  if (path !== '/models' && path !== '/chat/completions') {
    return fail(refusal(404, 'unknown_url', `the gateway does not serve ${path}`));
  }
  const method = path === '/models' ? 'GET' : 'POST';
  if (request.method !== method) {
    return fail(refusal(405, 'method_not_allowed', `${path} is served by ${method} only`));
  }
  return { ok: true, grant, path };
}

function refusal(status: number, code: string, message: string): OpenAiError {
  return { status, type: 'invalid_request_error', code, message };
}
