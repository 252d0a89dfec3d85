import { request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { nameOf, parseDestination, type Destination } from './destination.ts';
import type { Dial } from './dial.ts';

/** Headers that are between two hops and not for the far end. */
const HOP_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
]);

/** Where a request goes: `host` is what the far end is told, whatever the request itself says. */
interface Target {
  readonly to: Destination;
  readonly host: string;
  readonly path: string;
}

/** The target of a request to a proxy, which names a whole address; undefined unless that is plain HTTP. */
export function readTarget(address: string): Target | undefined {
  const to = parseDestination(address);
  if (to === undefined) return undefined;
  const { protocol, host, pathname, search } = new URL(address);
  return protocol === 'http:' ? { to, host, path: `${pathname}${search}` } : undefined;
}

/** The target of a request that came through a tunnel: nothing it says leads elsewhere. */
export function targetWithin(to: Destination, address: string): Target {
  const host = to.port === 80 ? nameOf(to).replace(/:80$/, '') : nameOf(to);
  return { to, host, path: address.startsWith('/') ? address : (readTarget(address)?.path ?? '/') };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
}

/** Passes a plain HTTP request on, and its answer back, or says why not. */
export function forward(exchange: Exchange, dial: Dial): void {
  const { response, target } = exchange;
  dial(target.to)
    .then((dialled) => {
      if (dialled.kind === 'connected') exchangeOver(dialled.socket, exchange);
      else answer(response, dialled.kind === 'refused' ? 403 : 502, dialled.reason);
    })
    .catch((error: unknown) => answerBroken(exchange, error));
}

function exchangeOver(socket: Socket, exchange: Exchange): void {
  const { incoming, response, target } = exchange;
  const outgoing = request({
    createConnection: () => socket,
    ...(incoming.method === undefined ? {} : { method: incoming.method }),
    path: target.path,
    headers: { ...withoutHops(incoming.headers), host: target.host, connection: 'close' },
  });
  outgoing.once('error', (error) => answerBroken(exchange, error));
  outgoing.once('close', () => {
    if (!response.headersSent) answerBroken(exchange, 'no answer');
  });
  outgoing.once('response', (answered) => {
    try {
      response.writeHead(answered.statusCode ?? 0, withoutHops(answered.headers));
      pipeline(answered, response, (error) => {
        if (error) answerBroken(exchange, error);
      });
    } catch (error) {
      // An answer may be read and yet be none that can be written.
      outgoing.destroy();
      answerBroken(exchange, error);
    }
  });
  if (response.destroyed) outgoing.destroy();
  response.once('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

function answerBroken({ response, target }: Exchange, error: unknown): void {
  answer(response, 502, `${nameOf(target.to)} broke off: ${String(error)}.`);
}

/** Answers in the place of the far end; once that has begun to answer, all that is left is to hang up. */
export function answer(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${text}\n`);
}

function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_HEADERS.has(name)));
}
