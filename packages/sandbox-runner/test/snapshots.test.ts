import { silentLogger, type Clock, type CommitSha, type Sandbox } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../src/conformance/source-repository.ts';
import { keepSnapshots, type KeepSnapshotsOptions, type SnapshotKeeper } from '../src/task/keep-snapshots.ts';
import { ISOLATIONS, localBackend } from './local-machine.ts';

let source: SourceRepository;
let refs = '';
beforeAll(async () => {
  source = await createSourceRepository();
});
afterAll(() => source[Symbol.asyncDispose]());

const stored = async () =>
  (await source.git('for-each-ref', '--format=%(refname) %(objectname)', `${refs}/`))
    .split('\n')
    .filter(Boolean);

/** A clock that stands still until somebody moves it, and tells when somebody sleeps. */
function standingClock() {
  let nowMs = 0;
  let sleepers: { readonly untilMs: number; readonly wake: () => void }[] = [];
  let asleep = Promise.withResolvers<void>();
  const clock: Clock = {
    nowMs: () => nowMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({ untilMs: nowMs + delayMs, wake: () => resolve() });
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
        asleep.resolve();
      }),
  };
  return {
    clock,
    asleep: () => asleep.promise,
    move(byMs: number) {
      nowMs += byMs;
      asleep = Promise.withResolvers<void>();
      for (const { wake } of sleepers.filter(({ untilMs }) => untilMs <= nowMs)) wake();
      sleepers = sleepers.filter(({ untilMs }) => untilMs > nowMs);
    },
  };
}

/** A sandbox whose intake is a list: each collection takes the next commit, or fails. */
function scriptedIntake(steps: (CommitSha | 'nothing' | 'broken')[]) {
  let collections = 0;
  const sandbox: Pick<Sandbox, 'collect'> = {
    async collect({ ref }) {
      const step = steps[collections++] ?? 'nothing';
      if (step === 'broken') throw new TypeError('the intake is no repository');
      if (step === 'nothing') return undefined;
      await source.git('update-ref', ref, step);
      return step;
    },
  };
  return { sandbox, collections: () => collections };
}

function keeperOf(sandbox: Pick<Sandbox, 'collect'>, more: Partial<KeepSnapshotsOptions> = {}) {
  const { repository, commit: base } = source;
  const { clock } = standingClock();
  return keepSnapshots({ sandbox, repository, base, refs, clock, logger: silentLogger, ...more });
}

async function commits(count: number): Promise<CommitSha[]> {
  const made: CommitSha[] = [];
  for (let index = 0; index < count; index++) {
    made.push(await source.commitFiles({ 'work.txt': `${refs} ${index}\n` }));
  }
  return made;
}

/** Has the keeper look at the intake until it has done so `count` times. */
async function takeAll(
  keeper: SnapshotKeeper,
  intake: ReturnType<typeof scriptedIntake>,
  count: number,
): Promise<void> {
  while (intake.collections() < count) {
    const before = intake.collections();
    keeper.noteCommit();
    while (intake.collections() === before) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('the keeper of snapshots', () => {
  it('takes the first after a while, further ones at intervals, and however many frames came meanwhile, one', async () => {
    refs = 'refs/agentswarm/run-a/snapshots/t.1';
    const [one, two, three] = await commits(3);
    const intake = scriptedIntake([one!, two!, three!]);
    const time = standingClock();
    await using keeper = keeperOf(intake.sandbox, { clock: time.clock, intervalMs: 1_000 });
    for (let frame = 0; frame < 5; frame++) keeper.noteCommit();
    await time.asleep();
    expect(intake.collections()).toBe(0);
    time.move(1_000);
    while (intake.collections() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    keeper.noteCommit();
    await time.asleep();
    expect(intake.collections()).toBe(1);
    time.move(999);
    expect(intake.collections()).toBe(1);
    time.move(1);
    while (intake.collections() < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await keeper.stop();
    keeper.noteCommit();
    expect(await stored()).toEqual([`${refs}/1 ${one}`, `${refs}/2 ${two}`]);
    expect(intake.collections()).toBe(2);
  });

  it('goes on with the numbers of an earlier one, and keeps nothing twice', async () => {
    refs = 'refs/agentswarm/run-b/snapshots/t.1';
    const [one, two] = await commits(2);
    await source.git('update-ref', `${refs}/7`, one!);
    const intake = scriptedIntake([one!, two!]);
    await using keeper = keeperOf(intake.sandbox, { intervalMs: 0 });
    await takeAll(keeper, intake, 1);
    await expect.poll(stored).toEqual([`${refs}/7 ${one}`]);
    await takeAll(keeper, intake, 2);
    await keeper.stop();
    expect(await stored()).toEqual([`${refs}/7 ${one}`, `${refs}/8 ${two}`]);
  });

  it('warns once about an intake that is broken, and takes the next good one', async () => {
    refs = 'refs/agentswarm/run-c/snapshots/t.1';
    const [one] = await commits(1);
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (_fields: object, message: string) => warnings.push(message) };
    const intake = scriptedIntake(['broken', 'broken', 'nothing', one!]);
    await using keeper = keeperOf(intake.sandbox, { logger, intervalMs: 0 });
    await takeAll(keeper, intake, 4);
    await keeper.stop();
    expect(warnings).toEqual(['a snapshot of the work could not be taken']);
    expect(await stored()).toEqual([`${refs}/1 ${one}`]);
  });

  it('keeps a bounded number', async () => {
    refs = 'refs/agentswarm/run-d/snapshots/t.1';
    const made = await commits(45);
    const intake = scriptedIntake(made);
    await using keeper = keeperOf(intake.sandbox, { intervalMs: 0 });
    await takeAll(keeper, intake, made.length);
    await keeper.stop();
    const numbers = (await stored()).map((line) => Number(line.split(' ')[0]?.split('/').at(-1)));
    // The 41st made every second of the older ones go.
    const older = [1, ...Array.from({ length: 15 }, (_, index) => 2 * (index + 1))];
    const newer = Array.from({ length: 14 }, (_, index) => 32 + index);
    expect(numbers.toSorted((a, b) => a - b)).toEqual([...older, ...newer]);
  });
});

describe.each(ISOLATIONS)('snapshots of a sandbox with isolation %s', (isolation) => {
  it('stay when the intake is rewritten, emptied or broken later', async () => {
    refs = `refs/agentswarm/run-${isolation}/snapshots/t.1`;
    await using backend = localBackend(isolation);
    await using sandbox = await backend.create({
      labels: { run: 'run-snapshots', purpose: 'attempt' },
      source: source.at(source.commit),
    });
    await using keeper = keeperOf(sandbox, { intervalMs: 0 });
    const does = async (script: string) => {
      const env = { intake: sandbox.paths.intake };
      const result = await sandbox.exec({ command: ['bash', '-ec', script], env }).result;
      expect(result, result.stderr).toMatchObject({ exitCode: 0 });
      keeper.noteCommit();
    };
    const until = async (count: number) => {
      while ((await stored()).length < count) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await does('echo one > work; git add work; git commit -qm one; git push -q "$intake" HEAD');
    await until(1);
    await does(
      'git checkout -q --orphan x; echo two > work; git add .; git commit -qm two; git push -qf "$intake" x:worker/task.1',
    );
    await until(2);
    await does('rm -rf "$intake"/refs/heads/worker');
    await does('rm -rf "$intake"/*; ln -s / "$intake"/objects; mkfifo "$intake"/packed-refs');
    await keeper.stop();
    expect(await stored()).toHaveLength(2);
    expect(await source.git('show', `${refs}/1:work`)).toBe('one');
    expect(await source.git('show', `${refs}/2:work`)).toBe('two');
    expect(await source.git('for-each-ref', 'refs/agentswarm/incoming/')).toBe('');
  });
});
