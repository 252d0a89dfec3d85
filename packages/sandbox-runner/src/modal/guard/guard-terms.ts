import type { SandboxLimit } from '@agentswarm/core';
import type { ResolvedLimits } from '../../limits/default-limits.ts';

const GUARD_VARIABLE = 'AGENTSWARM_GUARD';

/** Where a way to the host begins inside: a Unix socket that anybody inside may use, or a loopback port. */
export type DoorPlace =
  { readonly kind: 'socket'; readonly path: string } | { readonly kind: 'port'; readonly port: number };

/** All a guard is told, as its only argument. */
export interface GuardTerms {
  /** By which it finds the guards before it. */
  readonly ownLabel: string;
  /** In the environment of every command of the sandbox. */
  readonly sandboxLabel: string;
  readonly doors: readonly DoorPlace[];
  readonly limits: ResolvedLimits;
  /** Hold all that commands can write. */
  readonly folders: readonly string[];
}

/** The environment variables by which the guard of a sandbox is found. */
export function guardEnvironment(sandboxId: string): Readonly<Record<string, string>> {
  return { [GUARD_VARIABLE]: sandboxId };
}

export function guardLabel(sandboxId: string): string {
  return `${GUARD_VARIABLE}=${sandboxId}`;
}

/** What a guard may connect to on the host, by the authority of its CONNECT request. */
export const GUARD_REQUESTS = {
  /** Says that all doors are open. */
  ready: 'ready',
  /** Says that a limit was reached. Commands are killed once this is answered; it ends when that is done. */
  limit: (limit: SandboxLimit) => `limit.${limit}`,
  /** The way from a door, by its place in the list. */
  door: (index: number) => `door.${index}`,
} as const;

/** Of the session between both ends. */
export const SESSION_BOUNDS = {
  /** Connections through all doors at a time. */
  connections: 1_000,
  /** Of each end, in MiB, for what all connections have to send. */
  memoryMb: 64,
  /**
   * What may be under way for all connections together: the way may be long. What has arrived is not
   * bounded by this but by the window of each connection.
   */
  windowBytes: 8 * 1024 * 1024,
} as const;
