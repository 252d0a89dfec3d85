import type { SandboxLimit } from '@agentswarm/core';
import { advanceLedger, EMPTY_LEDGER, type CpuLedger } from './cpu-ledger.ts';
import type { ResolvedLimits } from './default-limits.ts';
import { findExceeded, type SandboxUsage } from './find-exceeded.ts';
import type { MemoryMeter } from './memory-meter.ts';
import type { ProcessSample } from './process-sample.ts';
import { spentMs } from './spent-time.ts';
import { restAfterMs } from './watch-pace.ts';

const BYTES_PER_MB = 1024 * 1024;

/** A limit that is exceeded, and all that was used then. */
export interface ExceededLimit {
  readonly limit: SandboxLimit;
  readonly usage: SandboxUsage;
}

/** What all commands of a sandbox use together, kept from one look at it to the next. */
export class UsageRecord {
  readonly #limits: ResolvedLimits;
  #samples: readonly ProcessSample[] = [];
  #cpu: CpuLedger = EMPTY_LEDGER;
  #usedBytes = 0;
  /** The limit, or what was there when it was reached: commands that write no more may run then. */
  #allowedBytes: number;
  /** When its memory may be looked at closely again. */
  #memoryRestUntilMs = 0;

  constructor(limits: ResolvedLimits) {
    this.#limits = limits;
    this.#allowedBytes = this.#diskLimitBytes;
  }

  /** Its processes, as they were seen last. */
  get samples(): readonly ProcessSample[] {
    return this.#samples;
  }

  get disk(): { readonly usedBytes: number; readonly allowedBytes: number } {
    return { usedBytes: this.#usedBytes, allowedBytes: this.#allowedBytes };
  }

  /** Whether more than its limit is allowed, since it was there already. */
  get isOverfull(): boolean {
    return this.#allowedBytes > this.#diskLimitBytes;
  }

  takeSamples(samples: readonly ProcessSample[]): void {
    this.#samples = samples;
    this.#cpu = advanceLedger(this.#cpu, samples);
  }

  /** What was removed is not allowed again. */
  takeUsed(usedBytes: number): void {
    this.#usedBytes = usedBytes;
    this.#allowedBytes = Math.max(this.#diskLimitBytes, Math.min(this.#allowedBytes, usedBytes));
  }

  /** From now on all that is there may stay. Contract: nobody writes. */
  allow(usedBytes: number): void {
    this.#usedBytes = usedBytes;
    this.#allowedBytes = Math.max(this.#diskLimitBytes, Number.isFinite(usedBytes) ? usedBytes : 0);
  }

  /** The limit that is exceeded, when one is. */
  judge(memory: MemoryMeter): ExceededLimit | undefined {
    const samples = this.#samples;
    const usage: SandboxUsage = {
      processes: samples.length,
      threads: samples.reduce((sum, { threads }) => sum + threads, 0),
      cpuMs: this.#cpu.totalMs,
      memoryBytes: this.#memoryBytes(memory),
      diskBytes: this.#usedBytes,
      allowedDiskBytes: this.#allowedBytes,
    };
    const limit = findExceeded(usage, this.#limits);
    return limit === undefined ? undefined : { limit, usage };
  }

  #memoryBytes(memory: MemoryMeter): number {
    const limitBytes = this.#limits.memoryMb * BYTES_PER_MB;
    const atMostBytes = memory.atMost(this.#samples);
    if (atMostBytes <= limitBytes) return atMostBytes;
    if (performance.now() < this.#memoryRestUntilMs) return 0;
    const spentBeforeMs = spentMs();
    const bytes = memory.measure(this.#samples, limitBytes);
    this.#memoryRestUntilMs = performance.now() + restAfterMs(spentMs() - spentBeforeMs);
    return bytes;
  }

  get #diskLimitBytes(): number {
    return this.#limits.diskMb * BYTES_PER_MB;
  }
}
