import { writeSync } from 'node:fs';
import { connect, type ClientHttp2Session } from 'node:http2';
import { Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { endOlderGuards } from './end-older-guards.ts';
import { GUARD_REQUESTS, SESSION_BOUNDS, type GuardTerms } from './guard-terms.ts';
import { untilHostIsSilent } from './host-silence.ts';
import { askHost, openDoor } from './open-door.ts';
import { watchLimits } from './watch-limits.ts';

/** What may be under way to each connection; nobody but this sandbox has to bear it. */
const WINDOW_BYTES = 1024 * 1024;
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
  askHost(session, GUARD_REQUESTS.ready).end();
  const clock = { steadyMs: () => performance.now(), sleep };
  untilHostIsSilent(session, clock).then(() => process.exit(0), complain);
  await watchLimits(terms, {
    tell: (limit) => {
      const { answered, end } = askHost(session, GUARD_REQUESTS.limit(limit));
      return { answered: Promise.race([answered, sleep(ANSWER_MS)]), end };
    },
    complain,
  });
}

/** To the host. Its end is the end of this process. */
function openSession(): ClientHttp2Session {
  // Not `process.stdin` and `process.stdout`, which make everything wait while the host does not read.
  const input = new Socket({ fd: 0, readable: true, writable: false });
  const output = new Socket({ fd: 1, readable: false, writable: true });
  // A session reads nothing while it writes. The host does so too, so that one of them must never have to wait.
  const outgoing = new PassThrough({ highWaterMark: 2 * SESSION_BOUNDS.windowBytes });
  outgoing.pipe(output);
  const wire = Duplex.from({ readable: input, writable: outgoing });
  const session = connect('http://host', {
    createConnection: () => wire,
    settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    maxSessionMemory: SESSION_BOUNDS.memoryMb,
    peerMaxConcurrentStreams: SESSION_BOUNDS.connections,
  });
  session.once('connect', () => session.setLocalWindowSize(SESSION_BOUNDS.windowBytes));
  input.once('end', () => process.exit(0));
  session.once('close', () => process.exit(0));
  for (const part of [output, wire, session]) {
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
