import type { ClientHttp2Session } from 'node:http2';

const PING_MS = 60_000;
/** The host may be asleep, or somebody else about to take over from it. */
const SILENT_MS = 5 * 60_000;

interface SteadyClock {
  steadyMs(): number;
  sleep(delayMs: number): Promise<unknown>;
}

/**
 * Resolves when the host has answered nothing for long. Its end need not end the connection, and a guard that
 * runs is work to the cloud, which keeps the sandbox, and bills it.
 */
export async function untilHostIsSilent(
  session: Pick<ClientHttp2Session, 'ping'>,
  clock: SteadyClock,
): Promise<void> {
  let heardAtMs = clock.steadyMs();
  while (clock.steadyMs() - heardAtMs < SILENT_MS) {
    session.ping((error) => {
      if (error === null) heardAtMs = clock.steadyMs();
    });
    await clock.sleep(PING_MS);
  }
}
