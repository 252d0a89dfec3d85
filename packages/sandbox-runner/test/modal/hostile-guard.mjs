/** Speaks in the place of a guard, as its first argument says. */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';

const FRAME = { data: 0, headers: 1, settings: 4, ping: 6, continuation: 9 };
const END_HEADERS = 4;
const CONNECT_TO_FIRST_DOOR = Buffer.concat([literal(2, 'CONNECT'), literal(1, 'door.0')]);
const NO_DOOR = Buffer.concat([literal(2, 'CONNECT'), literal(1, '__proto__')]);

process.stdout.on('error', () => undefined);
// Whatever it does, no test leaves it behind.
process.stdin.resume().on('end', () => process.exit());
setInterval(() => undefined, 1_000);

const acts = {
  noise: async () => {
    for (;;) await say(randomBytes(64 * 1024));
  },
  complaints: async () => {
    for (;;) writeSync(2, `\u001B[31m${'x'.repeat(60_000)}\n`);
  },
  'many streams': async () => {
    await greet();
    for (let id = 1; id < 20_000; id += 2) {
      await say(frame(FRAME.headers, CONNECT_TO_FIRST_DOOR, { flags: END_HEADERS, id }));
      await say(frame(FRAME.data, Buffer.alloc(1024), { id }));
    }
    // Data of no stream: should all the others have been borne, this is not.
    await say(frame(FRAME.data, Buffer.alloc(1)));
  },
  'giant headers': async () => {
    await greet();
    await say(frame(FRAME.headers, CONNECT_TO_FIRST_DOOR, { id: 1 }));
    for (;;) await say(frame(FRAME.continuation, literalField('x', 'y'.repeat(16_000)), { id: 1 }));
  },
  'many headers': async () => {
    await greet();
    const more = Array.from({ length: 100 }, (_, index) => literalField(`x-${index}`, 'y'));
    const block = Buffer.concat([CONNECT_TO_FIRST_DOOR, ...more]);
    for (let id = 1; id < 2_000; id += 2) await say(frame(FRAME.headers, block, { flags: END_HEADERS, id }));
    await say(frame(FRAME.headers, NO_DOOR, { flags: END_HEADERS, id: 2_001 }));
  },
  'an unknown door': async () => {
    await greet();
    await say(frame(FRAME.headers, NO_DOOR, { flags: END_HEADERS, id: 1 }));
  },
  pings: async () => {
    await greet();
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => frame(FRAME.ping, Buffer.alloc(8))));
    writeSync(2, 'begins');
    for (;;) await say(pings);
  },
  'a false beginning': () => say(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')),
  stubbornness: async () => {
    process.on('SIGTERM', () => undefined);
    writeSync(2, 'begins');
  },
};

await acts[process.argv[2]]();

async function greet() {
  await say(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
  await say(frame(FRAME.settings, Buffer.alloc(0)));
}

function say(bytes) {
  return new Promise((resolve) => process.stdout.write(bytes, resolve));
}

function frame(type, payload, { flags = 0, id = 0 } = {}) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

/** A header field whose name is in the static table, not to be remembered. */
function literal(index, value) {
  return Buffer.concat([Buffer.from([index]), text(value)]);
}

function literalField(name, value) {
  return Buffer.concat([Buffer.from([0]), text(name), text(value)]);
}

/** Its length has a prefix of seven bits. */
function text(value) {
  const bytes = Buffer.from(value);
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}
