/** Looks for life four times in the time that may pass without any. */
const LOOKS = 4;

/** One end of an HTTP/2 session. */
interface Pinging {
  ping(onAnswer: (error: Error | null) => void): boolean;
}

export interface SilenceOptions {
  readonly silenceMs: number;
  /** Of a clock that only goes on. */
  readonly nowMs: () => number;
  readonly sleep: (durationMs: number) => Promise<unknown>;
}

/**
 * Resolves when the other side has answered no ping for `silenceMs`. A cloud may keep the input of a command open
 * when whoever wrote to it died, and a command that runs keeps its sandbox from being idle.
 */
export async function untilSilent(
  session: Pinging,
  { silenceMs, nowMs, sleep }: SilenceOptions,
): Promise<void> {
  let heardMs = nowMs();
  while (nowMs() - heardMs < silenceMs) {
    session.ping((error) => {
      if (error === null) heardMs = nowMs();
    });
    await sleep(silenceMs / LOOKS);
  }
}
