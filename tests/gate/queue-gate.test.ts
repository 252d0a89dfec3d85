import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commands, createMergeQueue, type Submission } from '@agentswarm/merge-queue';
import { createLocalBackend, probeIsolation } from '@agentswarm/sandbox-runner';
import { remainingProcesses } from '../support/left-behind.ts';
import { gitIn } from '../support/small-target.ts';

const path = [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':');
const probe = probeIsolation({ path });

let root: string;
let work: string;
let repository: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'queue-gate-'));
  work = join(root, 'work');
  repository = join(root, 'target.git');
  gitIn(root, 'init', '-q', '--bare', '-b', 'main', repository);
  gitIn(root, 'init', '-q', '-b', 'main', work);
  gitIn(work, 'remote', 'add', 'origin', repository);
  commitFile('README.md');
  gitIn(work, 'push', '-q', 'origin', 'main');
});
afterEach(() => rmSync(root, { recursive: true }));

function commitFile(name: string): void {
  writeFileSync(join(work, name), `${name}\n`);
  gitIn(work, 'add', name);
  gitIn(work, '-c', 'user.name=Test', '-c', 'user.email=test@example.org', 'commit', '-q', '-m', name);
}

/** A branch that adds a file of its own name. */
function branch(name: string): Submission {
  gitIn(work, 'checkout', '-q', '-b', name, 'main');
  commitFile(name);
  gitIn(work, 'push', '-q', 'origin', name);
  const head = gitIn(work, 'rev-parse', 'HEAD').trim() as Submission['head'];
  return { ticket: name, branch: name as Submission['branch'], head, priority: 5 };
}

const files = () => gitIn(repository, 'ls-tree', '--name-only', 'main').trim().split('\n');

/** Lands branches one by one with a gate of one command; gives how the tickets ended and with what problem. */
async function land(isolation: 'auto' | 'none', command: string, names: readonly string[]) {
  const runtime = { readOnlyPaths: [], nodePath: process.execPath };
  await using backend = createLocalBackend({ root: join(root, 'sandboxes'), isolation, path, runtime });
  const gate = commands([command], { backend, run: 'run-faults', network: 'none', timeoutMs: 2000 });
  const target = 'main' as Submission['branch'];
  await using queue = await createMergeQueue({ repository, target, gate, maxBatch: 1, slots: 1 });
  for (const name of names) queue.enqueue(branch(name));
  expect(await queue.drain()).toEqual({ kind: 'empty' });
  // The same queue goes on.
  queue.enqueue(branch('afterwards'));
  expect(await queue.drain()).toEqual({ kind: 'empty' });
  await queue.stop();
  const ejected: Record<string, unknown> = {};
  for await (const event of queue.events()) {
    if (event.type === 'branch_ejected') ejected[event.ticket] = event.failure;
  }
  return ejected;
}

const endless = (marker: string) => `sh -c 'while :; do sleep 0.1; done' ${marker}`;

function declareFaults(isolation: 'auto' | 'none'): void {
  it('a gate that hangs is ended with all it started, its branch ejected, the others landed', async () => {
    const marker = randomUUID();
    const hung = `[ ! -e hang ] || { setsid ${endless(marker)} & ${endless(marker)}; }`;
    const ejected = await land(isolation, hung, ['one', 'hang', 'two']);
    expect(ejected).toEqual({
      hang: expect.objectContaining({ command: hung, problem: 'took longer than 2000 ms' }),
    });
    expect(files()).toEqual(['README.md', 'afterwards', 'one', 'two']);
    expect(await remainingProcesses(marker)).toEqual([]);
  });

  it('processes that a gate leaves behind do not outlive it', async () => {
    const marker = randomUUID();
    const leaving = `setsid ${endless(marker)} >/dev/null 2>&1 </dev/null & true`;
    expect(await land(isolation, leaving, ['one', 'two'])).toEqual({});
    expect(files()).toEqual(['README.md', 'afterwards', 'one', 'two']);
    expect(await remainingProcesses(marker, 0)).toEqual([]);
  });
}

if (process.platform !== 'linux') {
  describe('a queue with a gate of commands', () => {
    it('survives its faults', ({ skip }) => skip('looks for processes in /proc'));
  });
} else {
  describe('a queue with a gate of commands, not isolated', () => declareFaults('none'));
  describe('a queue with a gate of commands in bubblewrap', () => {
    if (probe.usable) declareFaults('auto');
    else it('survives its faults', ({ skip }) => skip(probe.reason));
  });
}
