import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { systemClock, type Clock } from '@agentswarm/core';
import { errnoOf } from '../errors.ts';

/** The time of a machine whose clock may be set at any moment. */
export interface MachineTime extends Clock {
  /** Milliseconds since the start of `epoch`. They only go forward, whatever the clock is set to. */
  steadyMs(): number;
  /** Processes that name the same epoch can compare their `steadyMs`. */
  readonly epoch: string;
}

/** The time of this machine, counted from its start. */
export const machineTime: MachineTime = {
  ...systemClock,
  steadyMs: () => uptime() * 1000,
  epoch: readBoot() ?? randomBytes(8).toString('hex'),
};

/** A moment to come, in both ways to count. */
export interface Deadline {
  readonly epoch: string;
  readonly steadyMs: number;
  /** In milliseconds since 1970, for whoever does not know the epoch. */
  readonly atMs: number;
}

export function deadlineIn(delayMs: number, time: MachineTime): Deadline {
  return { epoch: time.epoch, steadyMs: time.steadyMs() + delayMs, atMs: time.nowMs() + delayMs };
}

/** Milliseconds until then; negative afterwards. The clock counts only where nothing better is known. */
export function msUntil(deadline: Deadline, time: MachineTime): number {
  if (deadline.epoch === time.epoch) return deadline.steadyMs - time.steadyMs();
  return deadline.atMs - time.nowMs();
}

/** Linux names each start of the machine. */
function readBoot(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
