import { describe, expect, it } from 'vitest';
import { queueStateOf, type Gate, type MergeQueueOptions } from '@agentswarm/merge-queue';
import { MemorySink } from './landing-fixture.ts';
import { outcomesOf } from './model/check-invariants.ts';
import { submissionOf } from './model/generate-load.ts';
import { MemoryStore, type ModelFiles } from './model/memory-store.ts';
import type { MemoryRepositoryOptions } from './model/memory-repository.ts';
import { openModelQueue } from './model/model-queue.ts';
import { ScriptedGate, type ScriptedGateOptions } from './model/scripted-gate.ts';
import { VirtualClock } from './model/virtual-clock.ts';

/** A queue on the model, with what the tests look at. */
class Bench {
  readonly store = new MemoryStore();
  readonly clock = new VirtualClock();
  readonly journal = new MemorySink();

  gate(more: Partial<ScriptedGateOptions> = {}): ScriptedGate {
    const pathsOf: ScriptedGateOptions['pathsOf'] = (commit) => this.store.tree(commit).paths();
    return new ScriptedGate({ clock: this.clock, pathsOf, seed: 1, durationMs: 10_000, ...more });
  }

  branch(ticket: string, files: ModelFiles = {}) {
    const head = this.store.write([this.store.base], { [`src/${ticket}`]: ticket, ...files }, ticket);
    const load = { ticket, kind: 'good', files, owner: 'o', priority: 5, after: [], arrivesAtMs: 0 } as const;
    return submissionOf(load, head);
  }

  async open(
    options: {
      readonly gate?: Gate;
      readonly slots?: number;
      readonly memory?: MemoryRepositoryOptions;
      readonly state?: NonNullable<MergeQueueOptions['state']>;
    } = {},
  ) {
    const { store, clock, journal } = this;
    const opened = await openModelQueue({ store, clock, journal, gate: this.gate(), ...options });
    return opened.queue;
  }

  get outcomes(): Record<string, string> {
    return Object.fromEntries(outcomesOf(this.journal.events));
  }
}

describe('a branch cancelled while the queue is at work on it', () => {
  it.each(['relate', 'merge', 'commit'])('during %s has that outcome and no other', async (during) => {
    const bench = new Bench();
    let cancelled: boolean | undefined;
    const onCall: MemoryRepositoryOptions['onCall'] = ({ method }) => {
      if (method === during) cancelled ??= queue.cancel('one');
    };
    await using queue = await bench.open({ memory: { onCall } });
    queue.enqueue(bench.branch('one', { README: 'one' }));
    queue.enqueue(bench.branch('two', { README: 'two' }));
    expect(await queue.drain()).toEqual({ kind: 'empty' });
    expect(cancelled).toBe(true);
    expect(bench.outcomes).toEqual({ one: 'branch_cancelled', two: 'branch_landed' });
    expect(bench.store.tree(bench.store.main).get('src/one')).toBeUndefined();
  });

  it('stays landed at any moment after the target was moved', async () => {
    for (let after = 0; after < 12; after += 1) {
      const bench = new Bench();
      const answers: boolean[] = [];
      const cancelLater = async () => {
        for (let turn = 0; turn < after; turn += 1) await Promise.resolve();
        answers.push(queue.cancel('one'));
      };
      const started: Promise<void>[] = [];
      const onCall: MemoryRepositoryOptions['onCall'] = ({ method }) => {
        if (method === 'move') started.push(cancelLater());
      };
      await using queue = await bench.open({ memory: { onCall } });
      queue.enqueue(bench.branch('one'));
      await queue.drain();
      await Promise.all(started);
      expect(answers).toEqual([false]);
      expect(bench.outcomes).toEqual({ one: 'branch_landed' });
    }
  });
});

describe('a queue that finds nothing to do', () => {
  it('sees what arrived in the last moments of its looking', async () => {
    for (let after = 0; after < 40; after += 1) {
      const bench = new Bench();
      const started: Promise<void>[] = [];
      const enqueueLater = async () => {
        for (let turn = 0; turn < after; turn += 1) await Promise.resolve();
        queue.enqueue(bench.branch('late'));
      };
      bench.store.pushOutside({ hot: 'outside' });
      const onCall: MemoryRepositoryOptions['onCall'] = ({ method }) => {
        if (method === 'merge' && started.length === 0) started.push(enqueueLater());
      };
      await using queue = await bench.open({ memory: { onCall } });
      queue.enqueue(bench.branch('clash', { hot: 'clash' }));
      await queue.drain();
      await Promise.all(started);
      expect(await queue.drain()).toEqual({ kind: 'empty' });
      expect(bench.outcomes, `${after} turns`).toEqual({ clash: 'branch_conflicted', late: 'branch_landed' });
    }
  });
});

describe('a change of the caller', () => {
  it('waits for a free slot', async () => {
    const bench = new Bench();
    const gate = bench.gate();
    await using queue = await bench.open({ gate, slots: 1 });
    queue.enqueue(bench.branch('one'));
    await bench.clock.sleep(1);
    const tree = bench.store.write([bench.store.base], { change: '' }, '');
    const request = { ticket: 'change', message: 'chore: change' };
    const compose = async () => bench.store.commit(tree).tree;
    expect(await queue.landChange({ ...request, compose })).toMatchObject({ kind: 'landed' });
    await queue.drain();
    expect(gate.mostAtOnce).toBe(1);
  });
});

describe('pins', () => {
  it('of an earlier queue go when a later one has nothing in line', async () => {
    const bench = new Bench();
    const one = bench.branch('one');
    bench.store.pins = new Set([one.head]);
    await using queue = await bench.open({ state: queueStateOf([]) });
    await queue.drain();
    expect([...bench.store.pins]).toEqual([]);
  });
});
describe('a gate that cannot run', () => {
  it('on the target stops the queue although it says fail about a branch', async () => {
    const bench = new Bench();
    const slow = { command: 'slow', problem: 'took too long', outputTail: '' };
    const gate: Gate = {
      run: async ({ tickets, signal }) => {
        await bench.clock.sleep(10, signal);
        if (bench.clock.nowMs() > 3_600_000) return { kind: 'pass' };
        return { kind: tickets.length === 0 ? 'could_not_run' : 'fail', failure: slow };
      },
    };
    await using queue = await bench.open({ gate });
    queue.enqueue(bench.branch('one'));
    expect(await queue.drain()).toMatchObject({ kind: 'stopped', stop: { code: 'GATE_CANNOT_RUN' } });
    expect(bench.clock.nowMs()).toBeLessThan(3_600_000);
  });

  it('for a moment stops nothing, however many runs end in it', async () => {
    for (let fromMs = 0; fromMs < 60; fromMs += 2) {
      const bench = new Bench();
      const isDown = (nowMs: number) => nowMs >= fromMs && nowMs < fromMs + 4_000;
      await using queue = await bench.open({ gate: bench.gate({ durationMs: 10, isDown }), slots: 4 });
      for (const name of ['one', 'two', 'three', 'four']) queue.enqueue(bench.branch(name));
      queue.enqueue(bench.branch('breaker', { 'breaker-1': '' }));
      expect(await queue.drain(), `down from ${fromMs}`).toEqual({ kind: 'empty' });
      const { breaker, ...others } = bench.outcomes;
      expect(breaker).toBe('branch_ejected');
      expect(Object.values(others)).toEqual(Array(4).fill('branch_landed'));
    }
  });

  it('for a while blames nobody, whenever it begins and ends', async () => {
    for (let fromMs = 0; fromMs < 30_000; fromMs += 3_000) {
      for (let untilMs = fromMs; untilMs < 60_000; untilMs += 3_000) {
        const bench = new Bench();
        const isDown = (nowMs: number) => nowMs >= fromMs && nowMs < untilMs;
        await using queue = await bench.open({ gate: bench.gate({ isDown }) });
        queue.enqueue(bench.branch('one'));
        queue.enqueue(bench.branch('two'));
        await queue.drain();
        expect(Object.values(bench.outcomes), `down from ${fromMs} until ${untilMs}`).not.toContain(
          'branch_ejected',
        );
      }
    }
  });
});
