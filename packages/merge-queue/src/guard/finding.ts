import type { RefusalReason } from '@agentswarm/core';

/** What a guard noticed about a branch. Paths are sorted; none when all of it is meant. */
export type GuardFinding =
  | {
      readonly kind: 'refuse';
      readonly reason: RefusalReason;
      readonly message: string;
      readonly paths: readonly string[];
    }
  | {
      readonly kind: 'warn';
      readonly reason: 'unexplained_changes';
      readonly message: string;
      readonly paths: readonly string[];
    };

/** The refusal for some paths; none when there are none. */
export function refusal(
  reason: RefusalReason,
  message: string,
  paths: Iterable<string>,
): readonly GuardFinding[] {
  const sorted = [...new Set(paths)].toSorted();
  return sorted.length === 0 ? [] : [{ kind: 'refuse', reason, message, paths: sorted }];
}
