import type { GraphEvent } from '@agentswarm/dag-engine';
import { openSqliteLog } from '@agentswarm/journal';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runSample } from './sample-run.ts';

const PROGRAM = fileURLToPath(new URL('./crash-at-event.ts', import.meta.url));
/** More than the run has events; the last process is not killed. */
const MAX_EVENTS = 60;
const AT_ONCE = 2;
const moments = process.env['TEST_DEEP'] ? ['before', 'after'] : ['after'];

/** Whether the process was killed, and not at its end already. */
function crash(folder: string, moment: string, number: number): Promise<boolean> {
  const args = ['--conditions=@agentswarm/source', '--disable-warning=ExperimentalWarning', PROGRAM];
  const child = spawn(process.execPath, [...args, folder, moment, String(number)], { stdio: 'inherit' });
  return new Promise((resolve) => child.once('close', (_, signal) => resolve(signal === 'SIGKILL')));
}

function readEvents(folder: string): readonly GraphEvent[] {
  using log = openSqliteLog({ path: join(folder, 'run.db') });
  return [...log.read()] as GraphEvent[];
}

const ENDS = {
  plan: ['complete', 'PLAN'],
  flaky: ['complete', 'FLAKY'],
  left: ['skipped', undefined],
  right: ['complete', 'RIGHT'],
  join: ['complete', 'JOIN'],
  bad: ['failed', undefined],
  'behind-bad': ['skipped', undefined],
  end: ['complete', 'END'],
  extra: ['complete', 'EXTRA'],
};

/** Kills a run around an event, goes on with it to the end, and looks at what both did. */
async function killAndResume(moment: string, number: number): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'graph-crash-'));
  try {
    if (!(await crash(folder, moment, number))) return false;
    const before = readEvents(folder);
    expect(before).toHaveLength(moment === 'after' ? number : number - 1);
    const { ends } = await runSample(folder);
    expect(ends).toEqual(ENDS);
    const after = readEvents(folder);
    expect(after.slice(0, before.length)).toEqual(before);
    expectOneEndEach(after);
    await expectNothingTwice(folder, before);
    return true;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function expectOneEndEach(events: readonly GraphEvent[]): void {
  const ends = events.flatMap((event) =>
    event.type === 'node_completed' ||
    event.type === 'node_skipped' ||
    (event.type === 'node_failed' && !event.willRetry)
      ? [event.id]
      : [],
  );
  expect(ends.toSorted()).toEqual(Object.keys(ENDS).toSorted());
}

/** What had ended was not begun again, and no attempt has the number of another. */
async function expectNothingTwice(folder: string, before: readonly GraphEvent[]): Promise<void> {
  const effects = (await readFile(join(folder, 'effects.txt'), 'utf8')).trim().split('\n');
  expect(new Set(effects).size).toBe(effects.length);
  for (const event of before) {
    if (event.type !== 'node_completed') continue;
    expect(effects.filter((effect) => effect.startsWith(`${event.id} `)).at(-1)).toBe(
      `${event.id} ${event.attempt}`,
    );
  }
}

test.each(moments)('a run killed %s any of its events goes on, and does nothing twice', async (moment) => {
  let killed = 0;
  const numbers = Array.from({ length: MAX_EVENTS }, (_, index) => index + 1).values();
  const work = async () => {
    for (const number of numbers) {
      if (!(await killAndResume(moment, number))) return;
      killed += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(killed).toBeGreaterThan(20);
  expect(killed).toBeLessThan(MAX_EVENTS);
});
