import { expect, it } from 'vitest';
import { parseMostTasks } from './task-bound.ts';

it('asks for no more tasks than the host allows', () => {
  const text = (hard: string) =>
    `Limit      Soft Limit   Hard Limit   Units\nMax processes             96365                ${hard}                processes \nMax open files 5 6 files\n`;
  expect(parseMostTasks(text('4096'))).toBe(4_096);
  expect(parseMostTasks(text('unlimited'))).toBe(Number.MAX_SAFE_INTEGER);
});
