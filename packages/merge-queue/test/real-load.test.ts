import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMergeQueue } from '@agentswarm/merge-queue';
import { LandingFixture, MemorySink, target } from './landing-fixture.ts';
import { outcomesOf } from './model/check-invariants.ts';
import { generateLoad, isInnocent, submissionOf } from './model/generate-load.ts';
import { scriptedVerdict } from './model/scripted-gate.ts';
import { seededRandom } from './model/seeded-random.ts';
import { CHECK_PROGRAM, ProcessGate } from './process-gate.ts';
import { runSeed } from './run-seed.ts';

const COUNT = process.env['TEST_DEEP'] === undefined ? 100 : 1000;
const FLAKE_RATE = 0.2;

it('lands a load with real git and a gate of real processes, and main is never red', async () => {
  const seed = runSeed('real-load');
  using fixture = new LandingFixture({ 'README.md': 'base\n', 'check.mjs': CHECK_PROGRAM });
  const { root, store: repository, remote } = fixture;
  fixture.git(remote, 'config', 'core.logAllRefUpdates', 'always');
  const folder = join(root, 'checkouts');
  mkdirSync(folder);
  const random = seededRandom(seed);
  const flakesOf = (tickets: readonly string[]) =>
    tickets.filter((ticket) => ticket.startsWith('flaky-') && random() < FLAKE_RATE);
  const gate = new ProcessGate({ folder, flakesOf });
  const journal = new MemorySink();
  const load = generateLoad({ seed, count: COUNT, perHour: COUNT });
  const startedAt = performance.now();
  {
    await using queue = await createMergeQueue({ repository, remote, target, gate, journal, slots: 3 });
    for (const branch of load) {
      queue.enqueue(submissionOf(branch, fixture.write(repository, [fixture.base], branch.files)));
    }
    expect(await queue.drain()).toEqual({ kind: 'empty' });
  }
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const outcomes = outcomesOf(journal.events);
  const innocents = load.filter((branch) => isInnocent(branch, outcomes));
  const landed = innocents.filter(({ ticket }) => outcomes.get(ticket) === 'branch_landed');
  process.stdout.write(
    `real-load: ${landed.length} of ${innocents.length} innocents of ${COUNT} landed in ${seconds} s, ${gate.runs} gate runs\n`,
  );
  expect(outcomes.size).toBe(COUNT);
  const values = new Set(fixture.git(remote, 'reflog', '--format=%H', 'main').split('\n'));
  expect(values.size).toBeGreaterThan(5);
  for (const value of values) expect(scriptedVerdict(fixture.files(value)), `main at ${value}`).toBe('pass');
  const trailers = fixture.git(remote, 'log', '--format=%(trailers:key=Mq-Ticket,valueonly)', 'main');
  expect(trailers.split('\n').filter(Boolean).toSorted()).toEqual(
    load
      .map(({ ticket }) => ticket)
      .filter((ticket) => outcomes.get(ticket) === 'branch_landed')
      .toSorted(),
  );
  expect(landed.length / innocents.length).toBeGreaterThanOrEqual(0.95);
  expect(readdirSync(folder)).toEqual([]);
}, 1_800_000);
