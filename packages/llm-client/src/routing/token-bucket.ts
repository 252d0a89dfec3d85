const MINUTE_MS = 60_000;

/** Tokens that may still be used, refilled evenly to a minute's worth. Below zero after an underestimated call. */
export interface TokenBucket {
  readonly perMinute: number;
  readonly level: number;
  readonly atMs: number;
}

export function fullBucket(perMinute: number, atMs: number): TokenBucket {
  return { perMinute, level: perMinute, atMs };
}

/** Takes tokens out, or puts back what a call did not use (`tokens` below zero). */
export function take(bucket: TokenBucket, tokens: number, nowMs: number): TokenBucket {
  return { ...bucket, level: Math.min(bucket.perMinute, levelAt(bucket, nowMs) - tokens), atMs: nowMs };
}

/** When so many tokens are there; a request for more than a minute's worth waits for a full bucket. */
export function availableAtMs(bucket: TokenBucket, tokens: number, nowMs: number): number {
  const missing = Math.min(tokens, bucket.perMinute) - levelAt(bucket, nowMs);
  return missing <= 0 ? nowMs : nowMs + Math.ceil((missing * MINUTE_MS) / bucket.perMinute);
}

function levelAt(bucket: TokenBucket, nowMs: number): number {
  const refilled = ((nowMs - bucket.atMs) * bucket.perMinute) / MINUTE_MS;
  return Math.min(bucket.perMinute, bucket.level + Math.max(0, refilled));
}
