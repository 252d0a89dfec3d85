import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readOpening } from './client-hello.ts';

/** What a real client sends first. */
async function captureHello(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const raw = connectTcp((server.address() as AddressInfo).port, '127.0.0.1');
  const client = connect({ socket: raw, ...options });
  client.on('error', () => raw.destroy());
  const [far] = await accepted;
  const [hello] = (await once(far, 'data')) as [Buffer];
  client.destroy();
  far.destroy();
  server.close();
  return hello;
}

/** Cuts the message of one record into records of at most `size` bytes. */
function intoRecords(hello: Buffer, size: number): Buffer {
  const body = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

describe('readOpening', () => {
  let named: Buffer;
  let nameless: Buffer;
  beforeAll(async () => {
    named = await captureHello({ servername: 'Crates.Example', ALPNProtocols: ['h2', 'http/1.1'] });
    nameless = await captureHello({ host: '127.0.0.1' });
  });

  it('finds the name of the server, where the client gives one', async () => {
    expect(readOpening(named)).toEqual({ kind: 'tls', serverName: 'crates.example' });
    expect(readOpening(nameless)).toEqual({ kind: 'tls', serverName: undefined });
    const old = await captureHello({ servername: 'crates.example', maxVersion: 'TLSv1.2' });
    expect(readOpening(old)).toEqual({ kind: 'tls', serverName: 'crates.example' });
  });

  it('waits for the rest, wherever the first part ends', () => {
    for (let length = 0; length < named.length; length++) {
      expect(readOpening(named.subarray(0, length))).toEqual({ kind: 'incomplete' });
    }
  });

  it('reads a message that is spread over records, and takes no notice of what follows it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.uint8Array({ maxLength: 40 }), (size, rest) => {
        const cut = Buffer.concat([intoRecords(named, size), rest]);
        expect(readOpening(cut)).toEqual({ kind: 'tls', serverName: 'crates.example' });
      }),
    );
  });

  it('gives up on a message that another kind of record breaks off', () => {
    const cut = intoRecords(named, 100).subarray(0, 105);
    expect(readOpening(Buffer.concat([cut, Buffer.from([23, 3, 3, 0, 1, 0])]))).toEqual({ kind: 'broken' });
  });

  it('takes no second name', () => {
    // The extension of the name, copied behind itself; the lengths above it grow by as much.
    const at = named.indexOf('Crates.Example') - 9;
    const extension = named.subarray(at, at + 9 + 'Crates.Example'.length);
    const doubled = Buffer.concat([named.subarray(0, at), extension, named.subarray(at)]);
    const cursor = 5 + 4 + 34;
    const session = cursor + 1 + (named[cursor] ?? 0);
    const ciphers = session + 2 + named.readUInt16BE(session);
    const extensions = ciphers + 1 + (named[ciphers] ?? 0);
    for (const place of [3, 7, extensions]) {
      doubled.writeUInt16BE(named.readUInt16BE(place) + extension.length, place);
    }
    expect(readOpening(doubled)).toEqual({ kind: 'broken' });
  });

  it('tells what is not TLS, and takes no other message of TLS for a beginning', () => {
    expect(readOpening(Buffer.from('GET / HTTP/1.1\r\n'))).toEqual({ kind: 'other' });
    expect(readOpening(Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0]))).toEqual({ kind: 'broken' });
    expect(readOpening(Buffer.from([22, 9]))).toEqual({ kind: 'broken' });
  });

  it('never fails, and never reads another name, whatever a hello is changed to', () => {
    const change = fc.tuple(fc.nat(2_000), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Buffer.from(named);
        for (const [place, value] of changes) changed[place % changed.length] = value;
        const opening = readOpening(changed);
        if (opening.kind !== 'tls' || opening.serverName === undefined) return;
        expect(changed.toString('latin1').toLowerCase()).toContain(opening.serverName);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readOpening(bytes)));
  });
});
