/** The passing of time. Every timestamp and duration of the engine comes from here. */
export interface EngineClock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}

/** Where fresh identifiers come from. */
export interface EngineIds {
  /** `digits` lower-case hexadecimal digits. */
  hex(digits: number): string;
  uuid(): string;
}

/** `nowMs` as the engine writes dates: ISO-8601 UTC with milliseconds. */
export function isoTime(clock: EngineClock): string {
  const nowMs = clock.nowMs();
  if (nowMs !== written.ms) written = { ms: nowMs, text: new Date(nowMs).toISOString() };
  return written.text;
}

/** The date written last: many things happen within a millisecond. */
let written = { ms: Number.NaN, text: '' };
