import { Readable } from 'node:stream';
import { isSwarmError } from '@agentswarm/core';
import { guardInput } from '../../process/guard-input.ts';

/** Of one message. */
const MAX_PIECE_BYTES = 512 * 1024;
const GATHERING = { objectMode: false, highWaterMark: MAX_PIECE_BYTES };

export interface SendInputOptions {
  /** Resolves when the sandbox has taken it, rejects when it takes no more. */
  readonly send: (part: { readonly data?: string; readonly eof?: boolean }) => Promise<unknown>;
  /** Ends the sending: the command is over. */
  readonly over: AbortSignal;
  /** Hears that the source broke off; the command never takes what came for the whole. */
  readonly onBroken: (error: unknown) => void;
  /** Hears that the last of it is on its way. */
  readonly onSent: () => void;
}

/** Sends a command its input piece by piece, as fast as it takes it, and then says that this was all. */
export async function sendInput(
  source: string | AsyncIterable<Uint8Array>,
  { send, over, onBroken, onSent }: SendInputOptions,
): Promise<void> {
  const broken = new AbortController();
  const guarded = guardInput(typeof source === 'string' ? single(source) : source, (error) => {
    broken.abort();
    onBroken(error);
  });
  try {
    // What comes while a piece is on its way goes with the next one: a message costs the same whatever it holds.
    for await (const chunk of Readable.from(guarded, GATHERING) as AsyncIterable<Uint8Array>) {
      for (const data of pieces(chunk)) await send({ data });
      if (over.aborted) return;
    }
    if (broken.signal.aborted) return;
    onSent();
    await send({ eof: true });
  } catch (error) {
    // Who ends, or stops reading, needs no more input: the command is judged by how it ends.
    if (!over.aborted && !isSwarmError(error)) throw error;
  }
}

async function* single(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield Buffer.from(text);
}

function* pieces(chunk: Uint8Array): Generator<string> {
  for (let start = 0; start < chunk.length; start += MAX_PIECE_BYTES) {
    yield Buffer.from(chunk.subarray(start, start + MAX_PIECE_BYTES)).toString('base64');
  }
}
