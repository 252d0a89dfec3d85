import type { ServerResponse } from 'node:http';

/** An error in the shape every OpenAI client understands. */
export interface OpenAiError {
  readonly status: number;
  readonly type:
    | 'invalid_request_error'
    | 'authentication_error'
    | 'rate_limit_error'
    | 'insufficient_quota'
    | 'server_error';
  readonly code: string;
  readonly message: string;
}

/** Answers with an error; cuts the connection instead when the answer has already begun. */
export function sendError(
  response: ServerResponse,
  error: OpenAiError,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  sendJson(response, { status: error.status, headers, body: openAiErrorBody(error) });
}

/** The body in which an error travels. */
export function openAiErrorBody({ type, code, message }: OpenAiError): object {
  return { error: { type, code, message, param: null } };
}

export function sendJson(
  response: ServerResponse,
  answer: {
    readonly status: number;
    readonly body: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  },
): void {
  const bytes = Buffer.from(JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    ...answer.headers,
  });
  response.end(bytes);
}
