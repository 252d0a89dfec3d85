import { describe, expect, it } from 'vitest';
import { CrashRun, type Authority } from './crash/crash-run.ts';
import { seededRandom } from './model/seeded-random.ts';
import { runSeed } from './run-seed.ts';

const deep = process.env['TEST_DEEP'] !== undefined;
/** Points of each kind that are tried when not all are. */
const SAMPLE = 6;
const seed = runSeed('kill');

/** Questions that change nothing: dying at one of them is dying between two changes. */
const READS = /^\w+ (version|merge-tree|diff-tree|cat-file|rev-parse|rev-list|ls-tree|for-each-ref)/;
const EVENTS = /^\w+ [a-z]+_[a-z]+ \d+$/;

/** Points to die at: of events, and of refs and transfers. */
function choose(points: readonly string[]): readonly string[] {
  if (deep) return points;
  const events = points.filter((point) => EVENTS.test(point));
  const changes = points.filter((point) => !EVENTS.test(point) && !READS.test(point));
  const random = seededRandom(seed);
  return [events, changes].flatMap((kind) => {
    const drawn = kind.map((point) => ({ point, at: random() })).toSorted((a, b) => a.at - b.at);
    return drawn.slice(0, SAMPLE).map(({ point }) => point);
  });
}

async function pointsOf(authority: Authority): Promise<readonly string[]> {
  using run = new CrashRun(authority);
  const { ended, points } = await run.start();
  expect(ended).toBe(0);
  await run.check('undisturbed');
  return points;
}

/** Dies at each of the points in turn, then runs to the end, then finds nothing to do; gives how often it died. */
async function dieAt(authority: Authority, deaths: readonly string[]): Promise<number> {
  using run = new CrashRun(authority);
  let died = 0;
  for (const death of deaths) {
    if ((await run.start(death)).ended === 'SIGKILL') died += 1;
  }
  const where = `target in the ${authority}, seed ${seed}, killed ${deaths.join(', then ')}`;
  expect((await run.start()).ended, where).toBe(0);
  await run.check(where);
  if (deaths.length > 1) await expectNothingToDo(run, where);
  return died;
}

async function expectNothingToDo(run: CrashRun, where: string): Promise<void> {
  const told = run.events.length;
  expect((await run.start()).ended, where).toBe(0);
  expect(
    run.events.slice(told).map(({ type }) => type),
    where,
  ).toEqual(['queue_opened']);
  await run.check(where);
}

async function dieAtAll(authority: Authority): Promise<void> {
  const chosen = choose(await pointsOf(authority));
  let died = 0;
  for (const death of chosen) died += await dieAt(authority, [death]);
  process.stdout.write(`kill: died at ${died} of ${chosen.length} points, target in the ${authority}\n`);
  // Which answers of git come in one piece differs from run to run: the last of a kind may not come.
  expect(died).toBeGreaterThanOrEqual(0.9 * chosen.length);
}

describe.skipIf(process.platform !== 'linux')('a queue whose process is killed (looks into /proc)', () => {
  it('lands each branch once all the same, wherever it died', async () => {
    // Side by side: most of the time is spent waiting for processes.
    await Promise.all([dieAtAll('remote'), dieAtAll('store')]);
  }, 7_200_000);

  it('and also when what recovers is killed', async () => {
    expect(await dieAt('remote', ['after landing_intended 1', 'during push 1', 'after queue_opened 1'])).toBe(
      3,
    );
    expect(await dieAt('store', ['during update heads/main 1', 'before branch_landed 1'])).toBe(2);
  }, 600_000);
});
