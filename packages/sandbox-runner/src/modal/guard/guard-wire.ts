import { Duplex, PassThrough, Readable } from 'node:stream';
import type { ExecHandle } from '@agentswarm/core';

/** What waits for the guard is given to it at once: each piece may cost a round trip. */
const MAX_PIECE_BYTES = 512 * 1024;
const MAX_COMPLAINTS = 20;
const MAX_COMPLAINT_CHARS = 500;

/** The two ways of a command: what it reads and writes, as one stream. */
export interface GuardWire {
  readonly stream: Duplex;
  readonly exec: ExecHandle;
}

/** Starts a command by `start` whose standard input and output become one stream. */
export function openWire(
  start: (input: AsyncIterable<Uint8Array>) => ExecHandle,
  onComplaint: (text: string) => void,
): GuardWire {
  const input = new PassThrough({ highWaterMark: MAX_PIECE_BYTES });
  const exec = start(input);
  const output = Readable.from(standardOutput(exec, onComplaint), { objectMode: false });
  return { stream: Duplex.from({ readable: output, writable: input }), exec };
}

async function* standardOutput(
  exec: ExecHandle,
  onComplaint: (text: string) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let complaints = 0;
  for await (const { stream, bytes } of exec.output) {
    if (stream === 'stdout') yield bytes;
    else if (++complaints <= MAX_COMPLAINTS) onComplaint(readComplaint(bytes));
  }
}

/** Anybody inside may have written it. */
function readComplaint(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, MAX_COMPLAINT_CHARS)).toString('latin1');
  return text.replaceAll(/[^\x20-\x7E]+/g, ' ').trim();
}
