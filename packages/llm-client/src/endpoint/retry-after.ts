/** Milliseconds a `Retry-After` header asks to wait, from seconds or an HTTP date; undefined when it asks nothing usable. */
export function parseRetryAfterMs(header: string | null | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  // Only dates begin with a letter; Date.parse would read "-5" as a year.
  const atMs = /^[A-Za-z]/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
