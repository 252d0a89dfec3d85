import type { RefusalReason } from '@agentswarm/core';

/** What a guard noticed about a branch. */
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
