import { expect, it } from 'vitest';
import type { ResolvedLimits } from './default-limits.ts';
import type { MemoryMeter } from './memory-meter.ts';
import type { ProcessSample } from './process-sample.ts';
import { UsageRecord } from './usage-record.ts';

const MB = 1024 * 1024;
const limits: ResolvedLimits = { processes: 2, memoryMb: 100, diskMb: 10, fileMb: 10, cpuSeconds: 5 };

const process = (pid: number, more: Partial<ProcessSample> = {}): ProcessSample => ({
  pid,
  start: '1',
  hasEnded: false,
  parent: 1,
  session: pid,
  threads: 1,
  residentBytes: 0,
  cpuMs: 0,
  reapedCpuMs: 0,
  ...more,
});

/** Of processes whose memory, looked at closely, is a part of what it seemed. */
const meterOf = (share: number, looks: number[] = []): MemoryMeter => ({
  refresh: () => undefined,
  atMost: (samples) => samples.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
  measure: (samples) => {
    looks.push(samples.length);
    return share * samples.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
  },
});

it('names the limit that all processes exceed together', () => {
  const usage = new UsageRecord(limits);
  usage.takeSamples([process(2), process(3)]);
  expect(usage.judge(meterOf(1))).toBeUndefined();
  usage.takeSamples([process(2), process(3), process(4)]);
  expect(usage.judge(meterOf(1))).toMatchObject({ limit: 'processes', usage: { processes: 3 } });
  usage.takeSamples([process(2, { cpuMs: 3_000 }), process(3, { cpuMs: 3_000 })]);
  expect(usage.judge(meterOf(1))?.limit).toBe('cpu_time');
});

it('looks closely at memory only where it may be too much', () => {
  const usage = new UsageRecord(limits);
  const looks: number[] = [];
  usage.takeSamples([process(2, { residentBytes: 90 * MB })]);
  expect(usage.judge(meterOf(0.5, looks))).toBeUndefined();
  expect(looks).toEqual([]);
  usage.takeSamples([process(2, { residentBytes: 90 * MB }), process(3, { residentBytes: 90 * MB })]);
  expect(usage.judge(meterOf(0.5, looks))).toBeUndefined();
  expect(looks).toEqual([2]);
});

it('allows what was there when the disk was full, and never again what was removed of it', () => {
  const usage = new UsageRecord(limits);
  usage.takeUsed(12 * MB);
  expect(usage.judge(meterOf(1))?.limit).toBe('disk');
  usage.allow(12 * MB);
  expect(usage.isOverfull).toBe(true);
  expect(usage.judge(meterOf(1))).toBeUndefined();
  usage.takeUsed(11 * MB);
  usage.takeUsed(12 * MB);
  expect(usage.judge(meterOf(1))?.limit).toBe('disk');
  usage.takeUsed(2 * MB);
  expect(usage.isOverfull).toBe(false);
  expect(usage.disk).toEqual({ usedBytes: 2 * MB, allowedBytes: 10 * MB });
  usage.allow(Number.POSITIVE_INFINITY);
  expect(usage.judge(meterOf(1))?.limit).toBe('disk');
});
