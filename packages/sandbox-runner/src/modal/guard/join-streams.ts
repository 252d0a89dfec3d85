import { constants, type Http2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/**
 * Passes everything on between a connection and its stream, each half until its own end. Where one breaks, so does
 * the other: for the two who talk over it to notice.
 */
export function joinStreams(socket: Socket, stream: Http2Stream): void {
  socket.on('error', () => stream.close(constants.NGHTTP2_CONNECT_ERROR));
  socket.once('close', () => {
    if (!socket.readableEnded || !socket.writableFinished) stream.close(constants.NGHTTP2_CANCEL);
  });
  stream.on('error', () => breakOff(socket));
  stream.once('close', () => {
    if (!stream.readableEnded || !stream.writableFinished) breakOff(socket);
  });
  socket.pipe(stream);
  stream.pipe(socket);
}

/** Not as if all had been said: what is cut off must not look complete. */
export function breakOff(socket: Socket): void {
  // Only TCP can tell.
  if (socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
