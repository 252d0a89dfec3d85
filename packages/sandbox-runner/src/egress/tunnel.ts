import type { Socket } from 'node:net';
import { readOpening, type Opening } from './client-hello.ts';
import { isAddress, nameOf, type Destination } from './destination.ts';
import type { Dial } from './dial.ts';

/** More than any client sends before it waits for an answer. */
const MAX_OPENING_BYTES = 16 * 1024;
const OPENING_TIMEOUT_MS = 30_000;

/** A fatal alert of TLS, `unrecognized_name`: the client says so by itself. */
const UNRECOGNIZED_NAME = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

interface TunnelRequest {
  readonly client: Socket;
  /** What came with the request already. */
  readonly head: Uint8Array;
  readonly to: Destination | undefined;
}

interface TunnelContext {
  readonly dial: Dial;
  /** Hears of a tunnel that was opened and then refused for what it carries. */
  readonly refuse: (reason: string) => void;
  /** Takes over the client of a tunnel that carries plain HTTP. */
  readonly onPlainHttp: (to: Destination) => void;
}

/** Answers a request for a tunnel, and once it is known to carry what it may, connects both ends. */
export async function openTunnel(
  { client, head, to }: TunnelRequest,
  { dial, refuse, onPlainHttp }: TunnelContext,
): Promise<void> {
  client.on('error', () => client.destroy());
  const dialled = await dial(to);
  if (dialled.kind !== 'connected') {
    const status = dialled.kind === 'refused' ? '403 Forbidden' : '502 Bad Gateway';
    client.end(rawAnswer(status, `${dialled.reason}\n`));
    return;
  }
  const far = dialled.socket;
  far.on('error', () => client.destroy());
  client.once('close', () => far.destroy());
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  const { opening, bytes } = await awaitOpening(client, head);
  const problem = problemOf(opening, dialled.to);
  if (bytes.length === 0) {
    client.destroy();
  } else if (problem !== undefined) {
    refuse(problem);
    client.end(UNRECOGNIZED_NAME);
  } else if (opening.kind === 'tls') {
    far.write(bytes);
    far.once('close', () => client.destroy());
    client.pipe(far).pipe(client);
  } else {
    // Each request in it gets a connection of its own.
    far.destroy();
    client.unshift(bytes);
    onPlainHttp(dialled.to);
    client.resume();
  }
}

function rawAnswer(status: string, text: string): string {
  const length = Buffer.byteLength(text);
  return `HTTP/1.1 ${status}\r\ncontent-type: text/plain\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${text}`;
}

/**
 * Waits until the client of a tunnel has said enough to tell what it speaks; `incomplete` when it hung up,
 * said too much for that, or took too long. The stream is paused afterwards.
 */
function awaitOpening(client: Socket, head: Uint8Array): Promise<{ opening: Opening; bytes: Uint8Array }> {
  return new Promise((resolve) => {
    let bytes = head;
    const finish = () => {
      clearTimeout(patience);
      client.off('data', onData).off('end', finish).off('close', finish);
      client.pause();
      resolve({ opening: readOpening(bytes), bytes });
    };
    const onData = (chunk: Uint8Array) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length > MAX_OPENING_BYTES || readOpening(bytes).kind !== 'incomplete') finish();
    };
    const patience = setTimeout(finish, OPENING_TIMEOUT_MS);
    client.on('data', onData).once('end', finish).once('close', finish);
    client.resume();
    onData(new Uint8Array());
    // It may have hung up before anybody listened.
    if (client.readableEnded) finish();
  });
}

/**
 * Says what is wrong with a tunnel that begins so; undefined when nothing is. The server asked for inside
 * must be the one that was admitted, or the admitted host could serve as a front for another. An address has no name.
 */
function problemOf(opening: Opening, to: Destination): string | undefined {
  switch (opening.kind) {
    case 'other':
      return undefined;
    case 'tls': {
      const wanted = isAddress(to) ? undefined : to.host;
      if (opening.serverName === wanted) return undefined;
      const asked =
        opening.serverName === undefined ? 'no server by name' : JSON.stringify(opening.serverName);
      return `The tunnel to ${nameOf(to)} asks for ${asked} inside.`;
    }
    case 'incomplete':
    case 'broken':
      return `The tunnel to ${nameOf(to)} does not begin as TLS or HTTP does.`;
  }
}
