import { describe, expect, it } from 'vitest';
import { resolveLimits } from './default-limits.ts';
import { findExceeded, THREADS_PER_PROCESS, type SandboxUsage } from './find-exceeded.ts';

const machine = { memoryMb: 8_000, cores: 4 };
const MB = 1024 * 1024;

describe('resolveLimits', () => {
  it('has bounds for everything that could harm the machine when none is named', () => {
    expect(resolveLimits({}, {}, machine)).toEqual({
      memoryMb: 4_000,
      processes: 512,
      diskMb: 10_240,
      fileMb: 10_240,
    });
  });

  it('takes the spec before the backend, and no file to be bigger than the disk', () => {
    const backend = { memoryMb: 100, cpuCores: 2, cpuSeconds: 5, fileMb: 900 };
    expect(resolveLimits({ memoryMb: 300, diskMb: 50 }, backend, machine)).toEqual({
      memoryMb: 300,
      diskMb: 50,
      fileMb: 50,
      processes: 512,
      cpuCores: 2,
      cpuSeconds: 5,
    });
  });

  it('has no bound on cores that the machine has not', () => {
    expect(resolveLimits({ cpuCores: 4 }, {}, machine)).not.toHaveProperty('cpuCores');
    expect(resolveLimits({ cpuCores: 0.5 }, {}, machine)).toMatchObject({ cpuCores: 0.5 });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (memoryMb) => {
    expect(() => resolveLimits({ memoryMb }, {}, machine)).toThrow(
      expect.objectContaining({ code: 'SANDBOX_SETUP_FAILED' }),
    );
  });
});

describe('findExceeded', () => {
  const limits = resolveLimits(
    { processes: 10, memoryMb: 100, diskMb: 50, cpuSeconds: 2 },
    {},
    { memoryMb: 1, cores: 1 },
  );
  const full: SandboxUsage = {
    processes: 10,
    threads: 10 * THREADS_PER_PROCESS,
    cpuMs: 2_000,
    memoryBytes: 100 * MB,
    diskBytes: 50 * MB,
    allowedDiskBytes: 50 * MB,
  };

  it.each([
    [{}, undefined],
    [{ processes: 11 }, 'processes'],
    [{ threads: 10 * THREADS_PER_PROCESS + 1 }, 'processes'],
    [{ memoryBytes: 100 * MB + 1 }, 'memory'],
    [{ diskBytes: 50 * MB + 1 }, 'disk'],
    [{ diskBytes: 60 * MB, allowedDiskBytes: 60 * MB }, undefined],
    [{ cpuMs: 2_010 }, 'cpu_time'],
  ] as const)('of a sandbox that uses just what it may, but %j, finds %s', (more, exceeded) => {
    expect(findExceeded({ ...full, ...more }, limits)).toBe(exceeded);
  });

  it('has no bound on processor time when none is named', () => {
    const unbounded = resolveLimits({}, {}, { memoryMb: 1_000, cores: 1 });
    expect(findExceeded({ ...full, cpuMs: 1e12 }, unbounded)).toBeUndefined();
  });
});
