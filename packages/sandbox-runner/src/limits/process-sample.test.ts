import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseProcStat, parsePsTable } from './process-sample.ts';

describe('parseProcStat', () => {
  const stat = (name: string) =>
    `77 (${name}) S 12 70 70 0 -1 4194560 1 2 3 4 150 50 30 20 20 0 11 0 998877 1000 250 18446744073709551615 1 1`;

  it.each(['sh', 'a b', ') S 1 1 1', ''])('reads a process that calls itself %j', (name) => {
    expect(parseProcStat(stat(name), 4096)).toEqual({
      pid: 77,
      start: '998877',
      hasEnded: false,
      parent: 12,
      session: 70,
      threads: 11,
      residentBytes: 250 * 4096,
      cpuMs: 2_000,
      reapedCpuMs: 500,
    });
  });

  it('reads nothing from what is no such file', () => {
    for (const text of ['', 'x', '77 (sh) S 12', '(sh)']) expect(parseProcStat(text, 4096)).toBeUndefined();
  });

  it.skipIf(process.platform !== 'linux')('reads this very process', () => {
    const found = parseProcStat(readFileSync('/proc/self/stat', 'latin1'), 4096);
    expect(found).toMatchObject({ pid: process.pid, parent: process.ppid, hasEnded: false });
  });
});

it('reads the table of ps, and leaves out what is no row', () => {
  const table = [
    '    1     0     1 Ss    12345   0:01.50 Mon Nov 21 16:00:00 2026',
    ' 4242   301  4240 Z         0   0:00.00 Mon Nov 21 16:30:01 2026    ',
    '  900     1   900 R+   204800 1-02:03:04 Tue Nov  1 09:00:00 2026',
    '  901     1   901 S       100   5:06,07 Tue Nov  1 09:00:00 2026',
    'something else',
    '',
  ].join('\n');
  expect(parsePsTable(table)).toMatchObject([
    { pid: 1, parent: 0, session: 1, hasEnded: false, residentBytes: 12345 * 1024, cpuMs: 1_500 },
    { pid: 4242, parent: 301, session: 4240, hasEnded: true, start: 'Mon Nov 21 16:30:01 2026' },
    { pid: 900, residentBytes: 200 * 1024 * 1024, cpuMs: (26 * 3600 + 3 * 60 + 4) * 1000 },
    { pid: 901, cpuMs: 306_070 },
  ]);
});
