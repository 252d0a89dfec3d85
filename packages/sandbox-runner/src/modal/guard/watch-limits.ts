import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxLimit } from '@agentswarm/core';
import { createDiskMeter, type DiskMeter } from '../../limits/disk-meter.ts';
import { killUntilNone, signalAll } from '../../limits/kill-until-none.ts';
import { measureFolders } from '../../limits/measure-folders.ts';
import { createMemoryMeter } from '../../limits/memory-meter.ts';
import type { ProcessSample } from '../../limits/process-sample.ts';
import { spentMs } from '../../limits/spent-time.ts';
import { UsageRecord } from '../../limits/usage-record.ts';
import { idlePassMs, nextPassMs } from '../../limits/watch-pace.ts';
import type { GuardTerms } from './guard-terms.ts';
import { LabelWatch } from './label-watch.ts';
import type { HostRequest } from './open-door.ts';

/** Between the looks that stop what is to be killed. */
const STOP_PAUSE_MS = 10;

export interface LimitOutlets {
  /** Tells who started the commands why they end. They are killed once that is answered; then it ends. */
  readonly tell: (limit: SandboxLimit) => HostRequest;
  readonly complain: (error: unknown) => void;
}

/** Watches what all commands of a sandbox use together, and kills them when it is too much. Never ends. */
export async function watchLimits(terms: GuardTerms, outlets: LimitOutlets): Promise<never> {
  const patrol = new LimitPatrol(terms, outlets);
  for (;;) {
    const spentBeforeMs = spentMs();
    let isIdle = false;
    try {
      isIdle = await patrol.pass();
    } catch (error) {
      outlets.complain(error);
    }
    const costMs = spentMs() - spentBeforeMs;
    await sleep(isIdle ? idlePassMs(costMs) : nextPassMs(costMs, false));
  }
}

class LimitPatrol {
  readonly #folders: readonly string[];
  readonly #outlets: LimitOutlets;
  readonly #watch: LabelWatch;
  readonly #usage: UsageRecord;
  readonly #disk: DiskMeter;
  readonly #memory = createMemoryMeter();
  #isWalking = false;

  constructor({ folders, limits, sandboxLabel }: GuardTerms, outlets: LimitOutlets) {
    this.#folders = folders;
    this.#outlets = outlets;
    this.#watch = new LabelWatch(sandboxLabel);
    this.#usage = new UsageRecord(limits);
    this.#disk = createDiskMeter(folders[0] ?? '/');
  }

  /** True when the sandbox has no commands. */
  async pass(): Promise<boolean> {
    const wasIdle = this.#usage.samples.length === 0;
    const samples = this.#look();
    if (samples.length === 0) {
      if (!wasIdle && this.#usage.isOverfull) await this.#allowWhatIsThere();
      return true;
    }
    this.#memory.refresh();
    this.#walk();
    const exceeded = this.#usage.judge(this.#memory);
    if (exceeded !== undefined) await this.#endAll(exceeded.limit);
    return false;
  }

  #look(): readonly ProcessSample[] {
    const samples = this.#watch.look();
    this.#usage.takeSamples(samples);
    return samples;
  }

  /** Beside the looks at processes, which must not wait for a disk. */
  #walk(): void {
    if (this.#isWalking) return;
    this.#isWalking = true;
    const pids = this.#usage.samples.map(({ pid }) => pid);
    const user = { folders: this.#folders, pids, ...this.#usage.disk };
    this.#disk
      .update([user])
      .then(() => this.#usage.takeUsed(user.usedBytes))
      .catch(this.#outlets.complain)
      .finally(() => (this.#isWalking = false));
  }

  async #endAll(limit: SandboxLimit): Promise<void> {
    const request = this.#outlets.tell(limit);
    const told = new AbortController();
    const telling = request.answered.finally(() => told.abort());
    while (!told.signal.aborted) {
      // They do nothing more, but do not end before it is known why.
      signalAll(this.#look().filter(hasVisibleParent), 'SIGSTOP');
      await Promise.race([telling, sleep(STOP_PAUSE_MS)]);
    }
    const isOver = await killUntilNone(async () => this.#look());
    if (!isOver) this.#outlets.complain('processes of the sandbox do not end');
    if (limit === 'disk' || this.#usage.isOverfull) await this.#allowWhatIsThere();
    request.end();
  }

  async #allowWhatIsThere(): Promise<void> {
    const { bytes } = await measureFolders(this.#folders, Number.POSITIVE_INFINITY);
    this.#usage.allow(bytes);
  }
}

/** What was started from outside of the sandbox may be waited for by who stops together with it. */
function hasVisibleParent({ parent }: ProcessSample): boolean {
  return parent !== 0;
}
