import type { IncomingMessage } from 'node:http';

export type BodyOutcome = { ok: true; bytes: Buffer } | { ok: false; reason: 'too_large' | 'cut' };

/**
 * Reads a body of at most `maxBytes`. The rest of a larger one is still drained, but dropped: a client that
 * is cut while sending would see a broken connection and never the refusal.
 */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<BodyOutcome> {
  if (Number(message.headers['content-length'] ?? 0) > maxBytes) return { ok: false, reason: 'too_large' };
  const chunks: Buffer[] = [];
  let total = 0;
  return await new Promise((resolve) => {
    message.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > maxBytes) {
        chunks.length = 0;
        resolve({ ok: false, reason: 'too_large' });
      } else chunks.push(chunk);
    });
    message.once('end', () => resolve({ ok: true, bytes: Buffer.concat(chunks) }));
    message.once('error', () => resolve({ ok: false, reason: 'cut' }));
    message.once('close', () => resolve({ ok: false, reason: 'cut' }));
  });
}
