import type { Socket } from 'node:net';

/** A connection on which nothing moves for so long is taken for dead. */
export const IDLE_MS = 10 * 60_000;

/** The connections of a proxy: ended when nothing moves on them, and with the proxy. */
export class OpenSockets {
  readonly #open = new Set<Socket>();
  #isClosed = false;

  add(socket: Socket): void {
    if (this.#isClosed) socket.destroy();
    socket.setTimeout(IDLE_MS);
    if (this.#open.has(socket)) return;
    this.#open.add(socket);
    socket.on('timeout', () => socket.destroy());
    socket.once('close', () => this.#open.delete(socket));
  }

  close(): void {
    this.#isClosed = true;
    for (const socket of this.#open) socket.destroy();
  }
}
