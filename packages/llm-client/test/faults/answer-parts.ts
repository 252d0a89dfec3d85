import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { chunk, completion, type Behaviour } from '../fault-server.ts';

/** What every healthy answer says: characters of two, three and four bytes among those of one. */
export const HEALTHY_TEXT = 'Grüße € an alle 🌍!';
export const HEALTHY_USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };

export const DONE = 'data: [DONE]\n\n';

/** A chunk of usage and no choices, as servers send it last. */
export function usageChunk(usage: unknown): string {
  return `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm-reported', choices: [], usage })}\n\n`;
}

/** The events of a healthy stream without usage and `[DONE]`; its text comes in pieces of four characters. */
export function textEvents(text = HEALTHY_TEXT): readonly string[] {
  const pieces = text.match(/.{1,4}/gsu) ?? [];
  return [
    chunk({ role: 'assistant', content: '' }),
    ...pieces.map((content) => chunk({ content })),
    chunk({}, 'stop'),
  ];
}

export const HEALTHY_EVENTS = [...textEvents(), usageChunk(HEALTHY_USAGE), DONE];
export const HEALTHY_BODY = JSON.stringify(completion(HEALTHY_TEXT, HEALTHY_USAGE));

/** Answers 200 with a whole JSON body. */
export const sendsBody =
  (body: string | object, contentType = 'application/json'): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': contentType });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

/** Answers 200 with the events of a stream and ends it properly. */
export const sendsEvents =
  (events: readonly string[], contentType = 'text/event-stream'): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': contentType });
    for (const event of events) response.write(event);
    response.end();
  };

/** Sends each piece as an HTTP chunk of its own, in a turn of its own. */
export const sendsPieces =
  (contentType: string, pieces: readonly Uint8Array[]): Behaviour =>
  async (response) => {
    response.writeHead(200, { 'content-type': contentType });
    for (const piece of pieces) {
      response.write(piece);
      await nextTurn();
    }
    response.end();
  };

/** Promises a body, sends a beginning of it and breaks the connection. */
export const cuts =
  (contentType: string, beginning: string): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': contentType, 'transfer-encoding': 'chunked' });
    response.write(beginning, () => response.destroy());
  };

/** Sends a beginning and then nothing more, with the connection left open. */
export const stalls =
  (contentType: string, beginning: string): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': contentType });
    response.flushHeaders();
    if (beginning !== '') response.write(beginning);
  };

/** Sends a beginning and then one byte every few milliseconds, until the other side has had enough. */
export const drips =
  (contentType: string, drip: { readonly beginning: string; readonly byte: string }): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': contentType });
    response.write(drip.beginning);
    const timer = setInterval(() => response.write(drip.byte), DRIP_EVERY_MS);
    response.once('close', () => clearInterval(timer));
  };
const DRIP_EVERY_MS = 10;

/** Sends pieces no faster than they are read. */
export const sendsMuch =
  (contentType: string, pieces: () => Iterable<string>): Behaviour =>
  async (response) => {
    response.writeHead(200, { 'content-type': contentType });
    for (const piece of pieces()) {
      if (response.destroyed) return;
      if (!response.write(piece)) await drained(response);
    }
    response.end();
  };

async function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const settle = () => {
    response.off('drain', settle).off('close', settle);
    resolve();
  };
  response.once('drain', settle).once('close', settle);
  await promise;
}
