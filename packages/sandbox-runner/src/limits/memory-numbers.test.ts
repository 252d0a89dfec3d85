import { expect, it } from 'vitest';
import { parseMemoryFiles, parseSharedOutMemory, parseStatusMemory } from './memory-numbers.ts';

it('reads what belongs to no file, with the white space of each kind of file', () => {
  expect(
    parseStatusMemory(
      'Name:\tnode\nVmRSS:\t  900 kB\nRssAnon:\t     100 kB\nRssFile:\t 796 kB\nRssShmem:\t       4 kB\n',
    ),
  ).toBe(104 * 1024);
  expect(
    parseSharedOutMemory(
      'Rss:   900 kB\nPss:   500 kB\nPss_Anon:        70 kB\nPss_File:  9 kB\nPss_Shmem:   6 kB\n',
    ),
  ).toEqual({
    ownBytes: 70 * 1024,
    sharedBytes: 6 * 1024,
  });
  expect(parseMemoryFiles('MemTotal: 5 kB\nShmem:             8464 kB\nShmemHugePages: 1 kB\n')).toBe(
    8464 * 1024,
  );
});

it('counts files too where nothing else is told', () => {
  expect(parseStatusMemory('Name:\tnode\nVmSize:\t9000 kB\nVmRSS:\t900 kB\nThreads:\t11\n')).toBe(900 * 1024);
});

it('counts a process that has ended as nothing', () => {
  expect(parseStatusMemory('')).toBe(0);
  expect(parseSharedOutMemory('')).toEqual({ ownBytes: 0, sharedBytes: 0 });
});
