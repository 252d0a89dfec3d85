import { describe, expect, it } from 'vitest';
import type { GateRequest } from '@agentswarm/merge-queue';
import { nameOf } from './memory-tree.ts';
import { ScriptedGate, scriptedVerdict, type ScriptedGateOptions } from './scripted-gate.ts';
import { VirtualClock } from './virtual-clock.ts';

const FLAKY = 'flaky-1';

class Bench {
  readonly clock = new VirtualClock();
  readonly gate: ScriptedGate;

  constructor(options: Partial<ScriptedGateOptions> = {}) {
    const { clock } = this;
    this.gate = new ScriptedGate({ clock, pathsOf: () => ['README'], seed: 1, durationMs: 1000, ...options });
  }

  async run(tree: string, more: Partial<GateRequest> = {}) {
    const { signal } = new AbortController();
    const name = nameOf(tree);
    return await this.gate.run({
      repository: '',
      commit: name,
      tree: name,
      tickets: [FLAKY],
      signal,
      ...more,
    });
  }
}

it.each([
  [['README', 'src/breaker'], 'pass'],
  [['breaker-1'], 'fail'],
  [['pair-1-a', 'pair-2-b', 'pair-3-a'], 'pass'],
  [['pair-1-a', 'x', 'pair-1-b'], 'fail'],
  [['breaker-1', 'cannot-run'], 'could_not_run'],
])('says of %j: %s', (paths, verdict) => {
  expect(scriptedVerdict(paths)).toBe(verdict);
});

describe('a scripted gate', () => {
  it('takes its time, up to a fifth more or less, and counts who runs at once', async () => {
    const bench = new Bench();
    await Promise.all(Array.from({ length: 50 }, (_, index) => bench.run(`${index}`)));
    const tookMs = bench.gate.runs.map(({ startedMs, endedMs }) => endedMs - startedMs);
    expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...tookMs)).toBeLessThanOrEqual(1200);
    expect(new Set(tookMs).size).toBeGreaterThan(40);
    expect(bench.gate.mostAtOnce).toBe(50);
    expect(bench.gate.passed.size).toBe(50);
  });

  it('fails a flaky ticket as often as told, the same runs for the same seed, and nobody else', async () => {
    const verdictsOf = async (tickets: readonly string[]) => {
      const bench = new Bench({ flakeRate: 0.2 });
      for (let run = 0; run < 1000; run += 1) await bench.run('tree', { tickets });
      return bench.gate.runs.map(({ verdict }) => verdict);
    };
    const verdicts = await verdictsOf([FLAKY]);
    const failed = verdicts.filter((verdict) => verdict === 'fail').length;
    // Four standard deviations around 200.
    expect(Math.abs(failed - 200)).toBeLessThan(51);
    expect(await verdictsOf([FLAKY])).toEqual(verdicts);
    expect(new Set(await verdictsOf(['good-1']))).toEqual(new Set(['pass']));
  });

  it('ends at once when aborted and says so', async () => {
    const bench = new Bench();
    const abort = new AbortController();
    const running = bench.run('tree', { signal: abort.signal });
    abort.abort();
    await expect(running).rejects.toBe(abort.signal.reason);
    expect(bench.gate.runs.map(({ verdict, endedMs }) => [verdict, endedMs])).toEqual([['aborted', 0]]);
    expect(bench.gate.passed.size).toBe(0);
  });
});
