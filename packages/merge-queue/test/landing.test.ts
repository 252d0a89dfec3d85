import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BranchNameSchema, CommitShaSchema } from '@agentswarm/core';
import { writeBlobIntoTree } from '@agentswarm/git';
import {
  createMergeQueue,
  noGate,
  queueStateOf,
  type Gate,
  type MergeQueueOptions,
} from '@agentswarm/merge-queue';
import { failure, fileGate, LandingFixture, MemorySink, readText, target } from './landing-fixture.ts';

let fixture: LandingFixture;
let journal: MemorySink;
beforeEach(() => {
  fixture = new LandingFixture();
  journal = new MemorySink();
});
afterEach(() => fixture[Symbol.dispose]());

function open(options: Partial<MergeQueueOptions> = {}) {
  const { store: repository, remote } = fixture;
  return createMergeQueue({ repository, target, remote, gate: noGate(), journal, slots: 1, ...options });
}

describe('landing', () => {
  it('lands a branch as a merge commit with trailers and tells it in order', async () => {
    await using queue = await open();
    const one = fixture.branch('one', { 'one.txt': '1\n' });
    queue.enqueue(one);
    expect(await queue.drain()).toEqual({ kind: 'empty' });
    const main = fixture.main();
    const tree = fixture.git(fixture.remote, 'rev-parse', `${main}^{tree}`);
    expect(fixture.git(fixture.remote, 'show', '-s', '--format=%P%n%B', main)).toBe(
      `${fixture.base} ${one.head}\nMerge worker/one\n\nMq-Ticket: one.1\nMq-Head: ${one.head}\nMq-Tree: ${tree}`,
    );
    expect(journal.told).toEqual([
      { type: 'branch_queued', ...one },
      { type: 'gate_started', tickets: ['one.1'], candidate: main, tree },
      {
        type: 'gate_finished',
        tickets: ['one.1'],
        candidate: main,
        verdict: 'pass',
        durationMs: expect.any(Number),
      },
      { type: 'landing_intended', tickets: ['one.1'], old: fixture.base, new: main },
      { type: 'branch_landed', ticket: 'one.1', branch: one.branch, head: one.head, commit: main, main },
    ]);
  });

  it('lands on the own ref of the repository when there is no remote', async () => {
    const { store: repository } = fixture;
    await using queue = await createMergeQueue({ repository, target, gate: noGate() });
    queue.enqueue(fixture.branch('one', { 'one.txt': '1\n' }));
    await queue.drain();
    expect(fixture.files(fixture.main(repository), repository)).toEqual(['README.md', 'one.txt']);
    expect(fixture.main()).toBe(fixture.base);
  });

  it('gates a batch once, by priority and then arrival, and lands it with one push', async () => {
    const sequence = ['late', 'urgent', 'later'].map((name, index) =>
      fixture.branch(name, { [name]: '' }, { priority: index === 1 ? 1 : 5 }),
    );
    await using queue = await open();
    for (const submission of sequence) queue.enqueue(submission);
    await queue.drain();
    expect(journal.types().slice(3)).toEqual([
      'gate_started',
      'gate_finished',
      'landing_intended',
      'branch_landed urgent.1',
      'branch_landed late.1',
      'branch_landed later.1',
    ]);
    const landed = journal.events.filter((event) => event.type === 'branch_landed');
    expect(new Set(landed.map(({ main }) => main))).toEqual(new Set([fixture.main()]));
    const chain = fixture.git(fixture.remote, 'rev-list', '--first-parent', '--reverse', 'main');
    expect(chain.split('\n').slice(1)).toEqual(landed.map(({ commit }) => commit));
  });

  it('takes no more than maxBatch at a time', async () => {
    await using queue = await open({ maxBatch: 2 });
    for (const name of ['a', 'b', 'c']) queue.enqueue(fixture.branch(name, { [name]: '' }));
    await queue.drain();
    const gated = journal.events.filter((event) => event.type === 'gate_started');
    expect(gated.map(({ tickets }) => tickets)).toEqual([['a.1', 'b.1'], ['c.1']]);
  });

  it('queues a ticket once, also after it has landed', async () => {
    await using queue = await open();
    const one = fixture.branch('one', { 'one.txt': '1\n' });
    queue.enqueue(one);
    queue.enqueue(one);
    await queue.drain();
    queue.enqueue(one);
    await queue.drain();
    expect(journal.types().filter((type) => type.startsWith('branch_'))).toEqual([
      'branch_queued one.1',
      'branch_landed one.1',
    ]);
  });

  it('announces a head that main contains already with the commit that contains it', async () => {
    await using queue = await open();
    const one = fixture.branch('one', { 'one.txt': '1\n' });
    queue.enqueue(one);
    await queue.drain();
    const main = fixture.main();
    fixture.pushOutside({ other: '' });
    queue.enqueue({ ...one, ticket: 'again.1' });
    queue.enqueue({ ...one, ticket: 'base.1', head: fixture.base });
    await queue.drain();
    expect(journal.events.slice(-2)).toEqual([
      expect.objectContaining({
        type: 'branch_landed',
        ticket: 'again.1',
        commit: main,
        main: fixture.main(),
      }),
      expect.objectContaining({ type: 'branch_landed', ticket: 'base.1', commit: fixture.base }),
    ]);
  });

  it('ejects what cannot be merged at all and goes on', async () => {
    await using queue = await open();
    const unrelated = fixture.write(fixture.store, [], { x: '' });
    const branch = BranchNameSchema.parse('worker/x');
    queue.enqueue({ ticket: 'unrelated.1', branch, head: unrelated, priority: 1 });
    queue.enqueue({ ticket: 'missing.1', branch, head: CommitShaSchema.parse('1'.repeat(40)), priority: 1 });
    queue.enqueue(fixture.branch('fine', { fine: '' }));
    await queue.drain();
    expect(journal.types().filter((type) => /landed|refused/.test(type))).toEqual([
      'branch_refused unrelated.1',
      'branch_refused missing.1',
      'branch_landed fine.1',
    ]);
  });
});

describe('conflicts', () => {
  it('tells the files of a branch that conflicts with main', async () => {
    const main = fixture.pushOutside({ 'a.txt': 'main\n', 'b.txt': 'main\n' });
    await using queue = await open();
    const name = 'a.txt';
    queue.enqueue(fixture.branch('clash', { [name]: 'branch\n', 'b.txt': 'branch\n', 'c.txt': '' }));
    await queue.drain();
    const blob = (content: string) => fixture.blob(content);
    expect(journal.events.at(-1)).toEqual({
      type: 'branch_conflicted',
      ticket: 'clash.1',
      branch: 'worker/clash',
      files: ['a.txt', 'b.txt'],
      main,
      conflicts: ['a.txt', 'b.txt'].map((path) => ({ path, ours: blob('main\n'), theirs: blob('branch\n') })),
    });
  });

  it('defers a branch that conflicts only with another of its batch, and judges it on the new tip', async () => {
    await using queue = await open();
    queue.enqueue(fixture.branch('first', { 'a.txt': 'first\n' }));
    queue.enqueue(fixture.branch('second', { 'a.txt': 'second\n' }));
    queue.enqueue(fixture.branch('third', { 'c.txt': 'third\n' }));
    await queue.drain();
    expect(journal.types().filter((type) => /landed|conflicted/.test(type))).toEqual([
      'branch_landed first.1',
      'branch_landed third.1',
      'branch_conflicted second.1',
    ]);
    const conflict = journal.events.find((event) => event.type === 'branch_conflicted');
    expect(conflict).toMatchObject({ files: ['a.txt'], main: fixture.main() });
  });

  it('lands a deferred branch when the one it conflicts with is ejected', async () => {
    await using queue = await open({ gate: fileGate((files) => !files.has('bad')) });
    queue.enqueue(fixture.branch('bad', { 'a.txt': 'bad\n', bad: '' }));
    queue.enqueue(fixture.branch('good', { 'a.txt': 'good\n' }));
    await queue.drain();
    expect(journal.types().filter((type) => /landed|conflicted|ejected/.test(type))).toEqual([
      'branch_ejected bad.1',
      'branch_landed good.1',
    ]);
  });
});

describe('the gate', () => {
  it('lands the innocent and ejects the one that is red once merged, with evidence', async () => {
    await using queue = await open({ gate: fileGate((files) => !(files.has('x') && files.has('y'))) });
    for (const name of ['a', 'x', 'b', 'y', 'c']) queue.enqueue(fixture.branch(name, { [name]: '' }));
    await queue.drain();
    expect(fixture.files()).toEqual(['README.md', 'a', 'b', 'c', 'x']);
    expect(journal.events.filter((event) => event.type === 'branch_ejected')).toEqual([
      {
        type: 'branch_ejected',
        ticket: 'y.1',
        branch: 'worker/y',
        main: expect.any(String),
        failure: { command: 'check files', exitCode: 1, outputTail: 'red' },
        mergedWith: expect.arrayContaining(['x.1']),
      },
    ]);
  });

  it('does not blame a branch for one red run', async () => {
    let runs = 0;
    const flickering: Gate = {
      run: () => Promise.resolve((runs += 1) === 1 ? failure('flaky') : { kind: 'pass' }),
    };
    await using queue = await open({ gate: flickering });
    queue.enqueue(fixture.branch('one', { one: '' }));
    await queue.drain();
    const verdicts = journal.events.filter((event) => event.type === 'gate_finished');
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['fail', 'pass']);
    expect(fixture.files()).toContain('one');
  });

  it('stops instead of blaming when main itself is red, and keeps the line', async () => {
    await using queue = await open({ gate: { run: () => Promise.resolve(failure('npm test')) } });
    queue.enqueue(fixture.branch('one', { one: '' }));
    queue.enqueue(fixture.branch('two', { two: '' }));
    expect(await queue.drain()).toEqual({
      kind: 'stopped',
      stop: {
        code: 'TARGET_RED',
        message: `the gate fails on main ${fixture.base.slice(0, 12)} itself: npm test: exit code 1`,
      },
    });
    expect(journal.types().filter((type) => /landed|ejected|stopped/.test(type))).toEqual(['queue_stopped']);
    expect(fixture.main()).toBe(fixture.base);
  });

  it('stops when the gate cannot run on main either', async () => {
    const gate: Gate = { run: () => Promise.reject(new TypeError('no sandbox')) };
    await using queue = await open({ gate });
    queue.enqueue(fixture.branch('one', { one: '' }));
    expect(await queue.drain()).toMatchObject({ kind: 'stopped', stop: { code: 'GATE_CANNOT_RUN' } });
  });

  it('ejects a branch on which the gate cannot run although it can on main', async () => {
    const gate: Gate = {
      run: ({ tickets }) =>
        Promise.resolve(
          tickets.includes('hang.1')
            ? {
                kind: 'could_not_run',
                failure: { command: 'test', problem: 'took too long', outputTail: '' },
              }
            : { kind: 'pass' },
        ),
    };
    await using queue = await open({ gate });
    for (const name of ['one', 'hang', 'two']) queue.enqueue(fixture.branch(name, { [name]: '' }));
    await queue.drain();
    expect(fixture.files()).toEqual(['README.md', 'one', 'two']);
    expect(journal.events.filter((event) => event.type === 'branch_ejected')).toMatchObject([
      { ticket: 'hang.1', failure: { problem: 'took too long' } },
    ]);
  });

  it('runs the culprit twice and main once before it blames, although main has passed before', async () => {
    const seen: string[] = [];
    const gate: Gate = {
      run: ({ tickets }) => {
        seen.push(tickets.join());
        return Promise.resolve(tickets.includes('bad.1') ? failure('x') : { kind: 'pass' });
      },
    };
    await using queue = await open({ gate });
    queue.enqueue(fixture.branch('good', { good: '' }));
    await queue.drain();
    queue.enqueue(fixture.branch('bad', { bad: '' }));
    await queue.drain();
    expect(seen).toEqual(['good.1', 'bad.1', 'bad.1', '']);
  });

  it('does not gate a tree again that passed in the same environment, not even in another process', async () => {
    let runs = 0;
    const gate: Gate = {
      environment: 'these commands on this machine',
      run: () => {
        runs += 1;
        return Promise.resolve({ kind: 'pass' });
      },
    };
    const one = fixture.branch('one', { one: '' });
    const refusing = new MemorySink((event) => {
      if (event.type === 'landing_intended') throw new RangeError('disk full');
    });
    const first = await open({ gate, journal: refusing });
    first.enqueue(one);
    await expect(first.drain()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' });
    await first.stop();
    await using second = await open({ gate, state: queueStateOf(refusing.events) });
    await second.drain();
    expect(fixture.files()).toContain('one');
    expect(runs).toBe(1);
  });
});

describe('the target', () => {
  it('composes and gates again when somebody else pushes while the gate runs', async () => {
    const gated: string[] = [];
    let outside: string | undefined;
    const gate: Gate = {
      run: ({ commit }) => {
        gated.push(commit);
        outside ??= fixture.pushOutside({ outside: '' });
        return Promise.resolve({ kind: 'pass' });
      },
    };
    await using queue = await open({ gate });
    const one = fixture.branch('one', { one: '' });
    queue.enqueue(one);
    await queue.drain();
    expect(fixture.git(fixture.remote, 'show', '-s', '--format=%P', 'main')).toBe(`${outside} ${one.head}`);
    expect(gated).toHaveLength(2);
    expect(gated[1]).toBe(fixture.main());
    expect(journal.types().filter((type) => /landed/.test(type))).toEqual(['branch_landed one.1']);
  });

  it('gives up when it loses every race, and keeps the line', async () => {
    let pushes = 0;
    const gate: Gate = {
      run: () => {
        fixture.pushOutside({ [`outside-${(pushes += 1)}`]: '' });
        return Promise.resolve({ kind: 'pass' });
      },
    };
    await using queue = await open({ gate });
    queue.enqueue(fixture.branch('one', { one: '' }));
    expect(await queue.drain()).toMatchObject({ kind: 'stopped', stop: { code: 'TARGET_MOVING' } });
    expect(fixture.files()).not.toContain('one');
  });

  it('stops when the remote refuses, with what the remote said', async () => {
    const hook = join(fixture.remote, 'hooks', 'pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho main is protected >&2\nexit 1\n', { mode: 0o755 });
    await using queue = await open();
    queue.enqueue(fixture.branch('one', { one: '' }));
    const result = await queue.drain();
    expect(result).toMatchObject({ kind: 'stopped', stop: { code: 'PUSH_REFUSED' } });
    expect(JSON.stringify(result)).toContain('main is protected');
    expect(journal.types().slice(-2)).toEqual(['landing_intended', 'queue_stopped']);
    expect(fixture.main()).toBe(fixture.base);
  });

  it('refuses to open on a target that does not exist', async () => {
    await expect(open({ target: BranchNameSchema.parse('nowhere') })).rejects.toMatchObject({
      code: 'TARGET_MISSING',
    });
  });
});

describe('landChange', () => {
  const features = (store: string, content: string) => (main: string) =>
    writeBlobIntoTree({ repository: store, base: main, path: 'FEATURES.json', content });

  it('lands a commit of its own, and once only', async () => {
    await using queue = await open();
    const request = { ticket: 'features', message: 'chore: update FEATURES.json' };
    const compose = features(fixture.store, '[]\n');
    const first = await queue.landChange({ ...request, compose });
    expect(first).toEqual({ kind: 'landed', commit: fixture.main() });
    expect(await readText(fixture.remote, fixture.main(), 'FEATURES.json')).toBe('[]\n');
    expect(await queue.landChange({ ...request, compose })).toEqual({
      kind: 'unchanged',
      main: fixture.main(),
    });
    expect(journal.types().slice(-2)).toEqual(['landing_intended', 'branch_landed features']);
  });

  it('composes again when main moved', async () => {
    let outside: string | undefined;
    await using queue = await open();
    const bases: string[] = [];
    await queue.landChange({
      ticket: 'features',
      message: 'x',
      compose: async (main) => {
        bases.push(main);
        const tree = await features(fixture.store, 'new\n')(main);
        outside ??= fixture.pushOutside({ outside: '' });
        return tree;
      },
    });
    expect(bases).toEqual([fixture.base, outside]);
    expect(fixture.files()).toEqual(['FEATURES.json', 'README.md', 'outside']);
  });

  it('rejects a change that turns main red, and passes on the failure of the composer', async () => {
    await using queue = await open({ gate: fileGate((files) => !files.has('FEATURES.json')) });
    const compose = features(fixture.store, 'x');
    expect(await queue.landChange({ ticket: 'features', message: 'x', compose })).toMatchObject({
      kind: 'rejected',
      failure: { command: 'check files' },
    });
    const broken = () => Promise.reject(new RangeError('composer'));
    await expect(queue.landChange({ ticket: 'f', message: 'x', compose: broken })).rejects.toThrow(
      'composer',
    );
    queue.enqueue(fixture.branch('one', { one: '' }));
    expect(await queue.drain()).toEqual({ kind: 'empty' });
  });
});

describe('stopping', () => {
  it('aborts a running gate, leaves the line, ends the events', async () => {
    const started = Promise.withResolvers<void>();
    const gate: Gate = {
      run: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
          started.resolve();
        }),
    };
    const queue = await open({ gate });
    queue.enqueue(fixture.branch('one', { one: '' }));
    const heard: string[] = [];
    const listening = (async () => {
      for await (const { type } of queue.events()) heard.push(type);
    })();
    await started.promise;
    const change = queue.landChange({ ticket: 'x', message: 'x', compose: (main) => Promise.resolve(main) });
    const refused = expect(change).rejects.toMatchObject({ code: 'QUEUE_CLOSED' });
    await queue.stop();
    await listening;
    await refused;
    expect(heard).toEqual(['queue_opened', 'branch_queued', 'gate_started']);
    expect(await queue.drain()).toEqual({ kind: 'closed' });
    expect(() => queue.enqueue(fixture.branch('two', { two: '' }))).toThrow('stopped');
    expect(fixture.main()).toBe(fixture.base);
  });

  it('stops when the signal aborts', async () => {
    const controller = new AbortController();
    const queue = await open({ signal: controller.signal });
    controller.abort();
    for await (const { type } of queue.events()) expect(type).toBe('queue_opened');
    expect(() => queue.enqueue(fixture.branch('two', { two: '' }))).toThrow('stopped');
  });

  it('refuses a submission that could not be recorded truthfully', async () => {
    await using queue = await open();
    const one = fixture.branch('one', { one: '' });
    expect(() => queue.enqueue({ ...one, ticket: 'a\nMq-Head: forged' })).toThrow('printable');
    expect(journal.told).toEqual([]);
  });
});
