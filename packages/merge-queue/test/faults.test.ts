import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock, type Clock } from '@agentswarm/core';
import {
  createMergeQueue,
  MergeQueueError,
  queueStateOf,
  type DrainResult,
  type Gate,
  type MergeQueueOptions,
  type Submission,
} from '@agentswarm/merge-queue';
import { fileGate, LandingFixture, MemorySink, target } from './landing-fixture.ts';
import { outcomesOf } from './model/check-invariants.ts';

let fixture: LandingFixture;
let journal: MemorySink;
let submissions: readonly Submission[];
beforeEach(() => {
  fixture = new LandingFixture();
  journal = new MemorySink();
  submissions = ['one', 'two', 'bad'].map((name) => fixture.branch(name, { [name]: '' }));
});
afterEach(() => fixture[Symbol.dispose]());

const OUTCOMES = { 'one.1': 'branch_landed', 'two.1': 'branch_landed', 'bad.1': 'branch_ejected' };
const green = fileGate((files) => !files.has('bad'));

type Options = Partial<MergeQueueOptions> & { readonly ownTarget?: boolean };

/** Opens a queue that continues what the journal says, with everything in line; gives how it came to rest. */
async function land({ ownTarget = false, ...options }: Options = {}): Promise<DrainResult> {
  const { store: repository, remote } = fixture;
  await using queue = await createMergeQueue({
    repository,
    target,
    ...(ownTarget ? {} : { remote }),
    journal,
    state: queueStateOf(journal.events),
    gate: green,
    maxBatch: 1,
    slots: 1,
    ...options,
  });
  for (const submission of submissions) queue.enqueue(submission);
  return await queue.drain();
}

/** Nothing is lost: a queue opened once the fault is over ends as an undisturbed one. */
async function expectRecovery(options: Options = {}): Promise<void> {
  expect(await land(options)).toEqual({ kind: 'empty' });
  expectLanded(options.ownTarget === true ? fixture.store : fixture.remote);
}

function expectLanded(authority: string): void {
  expect(Object.fromEntries(outcomesOf(journal.events))).toEqual(OUTCOMES);
  expect(fixture.files(fixture.main(authority), authority)).toEqual(['README.md', 'one', 'two']);
  const trailers = fixture.git(authority, 'log', '--format=%(trailers:key=Mq-Ticket,valueonly)', 'main');
  expect(trailers.split('\n').filter(Boolean).toSorted()).toEqual(['one.1', 'two.1']);
  expect(fixture.git(fixture.store, 'for-each-ref', 'refs/agentswarm/queue/main/pins/')).toBe('');
}

/** The system's time, except that nobody waits; `onSleep` is told how often somebody would have. */
function hastyClock(onSleep: (count: number) => void = () => {}): Clock {
  let count = 0;
  return {
    nowMs: () => systemClock.nowMs(),
    sleep: (_ms, signal) => {
      signal?.throwIfAborted();
      onSleep((count += 1));
      return Promise.resolve();
    },
  };
}

/** The gate of the tests, which does something else first, in its nth run. */
function gateWith(disturb: (run: number) => void | Promise<void>): Gate {
  let run = 0;
  return {
    run: async (request) => {
      await disturb((run += 1));
      return await green.run(request);
    },
  };
}

describe('a remote that is away', () => {
  let down: string;
  let mute: string;
  let remote: string;
  beforeEach(() => {
    const bin = join(fixture.root, 'bin');
    down = join(fixture.root, 'down');
    mute = join(fixture.root, 'mute');
    remote = `ssh://somewhere${fixture.remote}`;
    mkdirSync(bin);
    // What git runs for ssh: the host is this machine, and the line may be down, or cut before the answer arrives.
    const connect = [
      '#!/bin/sh',
      `[ ! -e ${down} ] || { echo "ssh: connect to host: refused" >&2; exit 255; }`,
      'for command; do :; done',
      `case "$command" in *receive-pack*) [ ! -e ${mute} ] || mv ${mute} ${down};; esac`,
      `sh -c "$command"; code=$?; [ ! -e ${down} ] || exit 255; exit $code`,
    ];
    writeFileSync(join(bin, 'ssh'), `${connect.join('\n')}\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
  });
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ['before the first push', 1],
    ['before the second push', 2],
  ])('%s, and then back, costs nothing but time', async (_title, at) => {
    const clock = hastyClock((count) => {
      if (count === 2) rmSync(down);
    });
    const gate = gateWith((run) => {
      if (run === at) writeFileSync(down, '');
    });
    expect(await land({ remote, clock, gate })).toEqual({ kind: 'empty' });
    expectLanded(fixture.remote);
  });

  it('right after it took a push is asked what became of that', async () => {
    writeFileSync(mute, '');
    let waits = 0;
    const clock = hastyClock(() => {
      waits += 1;
      rmSync(down, { force: true });
    });
    expect(await land({ remote, clock })).toEqual({ kind: 'empty' });
    expect(waits).toBeGreaterThan(0);
    expectLanded(fixture.remote);
  });

  it('for good stops the queue with a code, and all that is in line lands later', async () => {
    const gate = gateWith((run) => {
      if (run === 2) writeFileSync(down, '');
    });
    expect(await land({ remote, clock: hastyClock(), gate })).toMatchObject({
      kind: 'stopped',
      stop: { code: 'TARGET_UNREACHABLE' },
    });
    await expect(land({ remote, clock: hastyClock() })).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
    rmSync(down);
    await expectRecovery({ remote });
  });
});

describe('a push that the remote rejects', () => {
  const hook = () => join(fixture.remote, 'hooks', 'pre-receive');

  it('always, stops the queue each time, and lands when it is allowed', async () => {
    writeFileSync(hook(), '#!/bin/sh\necho main is protected >&2\nexit 1\n', { mode: 0o755 });
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      expect(await land()).toMatchObject({
        kind: 'stopped',
        stop: { code: 'PUSH_REFUSED', message: expect.stringContaining('main is protected') },
      });
      expect(fixture.main()).toBe(fixture.base);
    }
    rmSync(hook());
    await expectRecovery();
  });

  it('once, stops the queue, and the next one lands', async () => {
    writeFileSync(hook(), '#!/bin/sh\n[ -e "$0.seen" ] || { touch "$0.seen"; exit 1; }\n', { mode: 0o755 });
    expect(await land()).toMatchObject({ kind: 'stopped', stop: { code: 'PUSH_REFUSED' } });
    await expectRecovery();
  });
});

describe('a ref that is damaged', () => {
  const GARBAGE = 'no commit\n';

  it.each(['remote', 'store'] as const)('while the queue works, the target in the %s', async (where) => {
    const ownTarget = where === 'store';
    const path = join(fixture[where], 'refs', 'heads', 'main');
    let sound = '';
    const gate = gateWith((run) => {
      if (run !== 2) return;
      sound = readFileSync(path, 'utf8');
      writeFileSync(path, GARBAGE);
    });
    // Git does not call such a ref a ref.
    await expect(land({ clock: hastyClock(), ownTarget, gate })).rejects.toMatchObject({
      code: 'TARGET_MISSING',
    });
    expect(readFileSync(path, 'utf8')).toBe(GARBAGE);
    writeFileSync(path, sound);
    await expectRecovery({ ownTarget });
  });

  it('and is one of the queue itself, is told when it opens', async () => {
    const gate = gateWith(() => Promise.reject(new RangeError('the machine is off')));
    expect(await land({ clock: hastyClock(), gate })).toMatchObject({ kind: 'stopped' });
    const path = join(fixture.store, 'refs', 'agentswarm', 'queue', 'main', 'writer');
    writeFileSync(path, GARBAGE);
    await expect(land()).rejects.toMatchObject({ code: expect.stringMatching(/^[A-Z]+(_[A-Z]+)+$/) });
    rmSync(path);
    await expectRecovery();
  });

  it('or locked by a git that was killed, stops the queue until the lock is gone', async () => {
    const lock = join(fixture.store, 'refs', 'heads', 'main.lock');
    const gate = gateWith((run) => {
      if (run === 1) writeFileSync(lock, '');
    });
    expect(await land({ clock: hastyClock(), ownTarget: true, gate })).toMatchObject({
      kind: 'stopped',
      stop: { code: 'TARGET_UNREACHABLE', message: expect.stringContaining('main.lock') },
    });
    rmSync(lock);
    await expectRecovery({ ownTarget: true });
  });
});

describe.skipIf(process.platform !== 'linux')('git processes of the queue (found in /proc)', () => {
  it('are started again when all of them are killed between two questions', async () => {
    const killed: number[] = [];
    const gate = gateWith(async () => {
      const pids = gitChildren();
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      killed.push(pids.length);
      await expect.poll(() => gitChildren()).toEqual([]);
    });
    expect(await land({ gate, ownTarget: true })).toEqual({ kind: 'empty' });
    expect(Math.max(...killed)).toBeGreaterThanOrEqual(3);
    expectLanded(fixture.store);
  });

  it.each(['update-ref', 'merge-tree', 'cat-file'])(
    'lose nothing when %s is killed in the middle of a question',
    async (command) => {
      // Stopped first, so that a question it is asked is certainly not answered when it dies.
      const stopped = new Set<number>();
      const gate = gateWith((run) => {
        if (run > 4) return;
        for (const pid of gitChildren(command).filter((found) => !stopped.has(found))) {
          stopped.add(pid);
          process.kill(pid, 'SIGSTOP');
          setTimeout(() => process.kill(pid, 'SIGKILL'), 200);
        }
      });
      const results: unknown[] = [];
      while (results.at(-1) !== 'empty' && results.length < 10) {
        results.push(await land({ gate, ownTarget: true, clock: hastyClock() }).then(kindOf, codeOf));
      }
      expect(stopped.size).toBeGreaterThan(0);
      expect(results.slice(0, -1).filter((result) => result !== 'REPOSITORY_FAILED')).toEqual([]);
      expectLanded(fixture.store);
    },
  );
});

const kindOf = ({ kind }: DrainResult) => kind;
const codeOf = (error: unknown) => (error instanceof MergeQueueError ? error.code : error);

/** Git processes this process has started that stay, with this subcommand. */
function gitChildren(command = ''): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, fields = ''] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        const [state, parent] = fields.split(' ');
        const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        const isOurs = Number(parent) === process.pid && state !== 'Z';
        return isOurs && args.includes('git') && (command === '' || args.includes(command));
      } catch (error) {
        if (error instanceof Error && 'code' in error) return false;
        throw error;
      }
    });
}
