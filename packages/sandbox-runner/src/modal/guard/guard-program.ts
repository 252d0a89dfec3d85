import { writeSync } from 'node:fs';
import { connect, type ClientHttp2Session } from 'node:http2';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { endOlderGuards } from './end-older-guards.ts';
import { GUARD_REQUESTS, MAX_CONNECTIONS, MAX_SESSION_MEMORY_MB, type GuardTerms } from './guard-terms.ts';
import { openDoor, tellHost } from './open-door.ts';
import { watchLimits } from './watch-limits.ts';

/** What may be under way to each connection; nobody but this sandbox has to bear it. */
const WINDOW_BYTES = 512 * 1024;
/** How long the host has to answer before its commands are killed all the same. */
const ANSWER_MS = 1_000;

/**
 * The guard of a sandbox: opens its doors to the host and watches its limits, until the host is gone or a younger
 * guard comes. Speaks HTTP/2 on standard input and output.
 */
export async function runGuard(terms: GuardTerms): Promise<void> {
  const session = openSession();
  await endOlderGuards(terms.ownLabel);
  for (const [index, place] of terms.doors.entries()) {
    await openDoor(place, { session, name: GUARD_REQUESTS.door(index) });
  }
  tellHost(session, GUARD_REQUESTS.ready).end();
  await watchLimits(terms, {
    tell: (limit) => {
      const { heard, end } = tellHost(session, GUARD_REQUESTS.limit(limit));
      return { heard: Promise.race([heard, sleep(ANSWER_MS)]), end };
    },
    complain,
  });
}

/** To the host. Its end is the end of this process. */
function openSession(): ClientHttp2Session {
  // Not `process.stdin` and `process.stdout`, which make everything wait while the host does not read.
  const input = new Socket({ fd: 0, readable: true, writable: false });
  const output = new Socket({ fd: 1, readable: false, writable: true });
  const wire = Duplex.from({ readable: input, writable: output });
  const session = connect('http://host', {
    createConnection: () => wire,
    settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    peerMaxConcurrentStreams: MAX_CONNECTIONS,
  });
  input.once('end', () => process.exit(0));
  session.once('close', () => process.exit(0));
  for (const part of [wire, session]) {
    part.once('error', (error) => {
      complain(error);
      process.exit(1);
    });
  }
  return session;
}

function complain(error: unknown): void {
  writeSync(2, `${String(error)}\n`);
}
