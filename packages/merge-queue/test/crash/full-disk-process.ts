import { rmSync, writeFileSync } from 'node:fs';
import { isSwarmError, type Clock } from '@agentswarm/core';
import { createMergeQueue, queueStateOf, type Gate, type GateRequest } from '@agentswarm/merge-queue';
import { fileGate, LandingFixture, MemorySink, target } from '../landing-fixture.ts';
import { outcomesOf } from '../model/check-invariants.ts';

/**
 * In the small file system argv[2], which is TMPDIR too: fills the disk before anything is composed or
 * before the second landing (argv[3]), makes room, lands the rest and prints what happened as JSON.
 */
const [, , folder = '', fillBefore = ''] = process.argv;
const ballast = `${folder}/ballast`;
using fixture = new LandingFixture();
const { store: repository } = fixture;
const submissions = ['one', 'two', 'bad', 'three'].map((name) => fixture.branch(name, { [name]: '' }));
const journal = new MemorySink();
const green = fileGate((files) => !files.has('bad'));

const filling: Gate = {
  run: async (request: GateRequest) => {
    const verdict = await green.run(request);
    if (outcomesOf(journal.events).size === 1) fill();
    return verdict;
  },
};

/** Nobody waits. */
const clock: Clock = { nowMs: () => 0, sleep: () => Promise.resolve() };

/** Writes until nothing more fits. */
function fill(): void {
  for (let bytes = 1 << 20; bytes >= 1; bytes = Math.floor(bytes / 2)) {
    for (let isFull = false; !isFull;) isFull = !append(bytes);
  }
}

function append(bytes: number): boolean {
  try {
    writeFileSync(ballast, new Uint8Array(bytes), { flag: 'a' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}

async function land(gate: Gate, beforeLanding = () => {}): Promise<string> {
  try {
    const state = queueStateOf(journal.events);
    const limits = { maxBatch: 1, slots: 1 };
    await using queue = await createMergeQueue({
      repository,
      target,
      journal,
      state,
      gate,
      clock,
      ...limits,
    });
    beforeLanding();
    for (const submission of submissions) queue.enqueue(submission);
    const result = await queue.drain();
    return result.kind === 'stopped' ? result.stop.code : result.kind;
  } catch (error) {
    return isSwarmError(error) ? error.code : String(error);
  }
}

const whileFull = fillBefore === 'composing' ? await land(green, fill) : await land(filling);
const landedWhileFull = outcomesOf(journal.events).size;
rmSync(ballast);
const withRoom = await land(green);
const outcomes = Object.fromEntries(outcomesOf(journal.events));
const files = fixture.files(fixture.main(repository), repository);
const problems = fixture.git(repository, 'fsck', '--no-dangling', '--strict');
process.stdout.write(JSON.stringify({ whileFull, landedWhileFull, withRoom, outcomes, files, problems }));
