import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { connect } from 'node:net';
import type { SandboxLimit } from '@agentswarm/core';
import { GUARD_REQUESTS } from './guard-terms.ts';
import { joinStreams } from './join-streams.ts';

const LIMITS: Readonly<Record<SandboxLimit, true>> = {
  cpu_time: true,
  memory: true,
  disk: true,
  processes: true,
};

/** Hears that a limit was reached. When it returns, all commands are killed; `over` never fails. */
export type LimitListener = (limit: SandboxLimit, over: Promise<void>) => void;

export interface GuardAnswers {
  /** Sockets of the host, by the place of their doors. */
  readonly hostSockets: readonly string[];
  readonly onReady: () => void;
  readonly onLimit: LimitListener;
  /** It asked for what no guard asks for; the session has been ended. */
  readonly onStranger: () => void;
}

/**
 * Answers the requests that a guard may make and ends the session at any other. Who speaks may be anybody
 * inside: what it asks for is only ever compared.
 */
export function answerGuard(session: ServerHttp2Session, answers: GuardAnswers): void {
  const table = answerTable(answers);
  session.on('stream', (stream, headers) => {
    const isConnect = headers[constants.HTTP2_HEADER_METHOD] === 'CONNECT';
    const answer = table.get(String(headers[constants.HTTP2_HEADER_AUTHORITY]));
    if (isConnect && answer !== undefined) return answer(stream);
    session.destroy();
    answers.onStranger();
  });
}

function answerTable({ hostSockets, onReady, onLimit }: GuardAnswers) {
  const table = new Map<string, (stream: ServerHttp2Stream) => void>();
  table.set(GUARD_REQUESTS.ready, (stream) => acknowledge(stream, onReady));
  for (const limit of Object.keys(LIMITS) as SandboxLimit[]) {
    table.set(GUARD_REQUESTS.limit(limit), (stream) => acknowledge(stream, (over) => onLimit(limit, over)));
  }
  for (const [index, path] of hostSockets.entries()) {
    table.set(GUARD_REQUESTS.door(index), (stream) => leadTo(path, stream));
  }
  return table;
}

function acknowledge(stream: ServerHttp2Stream, effect: (over: Promise<void>) => void): void {
  // It needs no answer where nobody waits for one any more.
  stream.on('error', () => stream.destroy());
  effect(new Promise((resolve) => stream.once('close', resolve)));
  if (!stream.destroyed) stream.respond({ [constants.HTTP2_HEADER_STATUS]: 200 }, { endStream: true });
  stream.resume();
}

function leadTo(path: string, stream: ServerHttp2Stream): void {
  const socket = connect({ path, allowHalfOpen: true });
  socket.once('connect', () => {
    if (!stream.destroyed && !stream.closed) stream.respond({ [constants.HTTP2_HEADER_STATUS]: 200 });
  });
  joinStreams(socket, stream);
}
