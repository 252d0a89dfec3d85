/** What looking at processes may cost of the time of one core. */
const PASS_SHARE = 0.04;
const MIN_PASS_MS = 25;
const MAX_PASS_MS = 1_000;
/** While there is nobody, what comes may go unseen for a moment. */
const IDLE_SHARE = 0.01;
const MIN_IDLE_MS = 250;
/** While a sandbox is being ended, so that nothing of it gets far. */
const ENDING_PASS_MS = 10;

/** How long to wait after a look at the processes that took `costMs`. */
export function nextPassMs(costMs: number, isEnding: boolean): number {
  if (isEnding) return ENDING_PASS_MS;
  return Math.min(MAX_PASS_MS, Math.max(MIN_PASS_MS, costMs / PASS_SHARE));
}

/** How long to wait after a look that took `costMs` and found nobody to watch. */
export function idlePassMs(costMs: number): number {
  return Math.min(MAX_PASS_MS, Math.max(MIN_IDLE_MS, costMs / IDLE_SHARE));
}

/** How long to leave a sandbox alone whose processes were looked at closely for `costMs`. */
export function restAfterMs(costMs: number): number {
  return Math.min(MAX_PASS_MS, costMs / PASS_SHARE);
}

/** What is known when asking whether to measure folders. */
export interface WalkFacts {
  readonly nowMs: number;
  readonly lastEndedMs: number;
  readonly lastCostMs: number;
  /** What the file system holds more than when the folders were measured last, whoever wrote it. */
  readonly grownBytes: number;
  /** Least room that a sandbox has below its limit. */
  readonly roomBytes: number;
}

const QUIET_SHARE = 0.02;
const QUIET_MS = 3_000;
const GROWING_SHARE = 0.2;
const GROWING_MS = 250;
/** Growth that is worth a look, as a part of the room. */
const NOTABLE_GROWTH = 0.125;

/**
 * Whether to measure folders again: seldom, and soon when the disk fills by what could take a sandbox
 * beyond its limit. A measurement that takes long is repeated less often.
 */
export function isWalkDue(facts: WalkFacts): boolean {
  const restedMs = facts.nowMs - facts.lastEndedMs;
  const isGrowing = facts.grownBytes > facts.roomBytes * NOTABLE_GROWTH;
  return isGrowing
    ? restedMs >= Math.max(GROWING_MS, facts.lastCostMs / GROWING_SHARE)
    : restedMs >= Math.max(QUIET_MS, facts.lastCostMs / QUIET_SHARE);
}
