import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { QueueEvent } from '@agentswarm/core';
import { LandingFixture } from '../landing-fixture.ts';
import { outcomesOf } from '../model/check-invariants.ts';
import { scriptedVerdict } from '../model/scripted-gate.ts';
import { processesMentioning } from './processes.ts';
import type { QueueOrder } from './queue-process.ts';

const SCRIPT = fileURLToPath(new URL('./queue-process.ts', import.meta.url));

/** Where the target is: on a remote, or the store's own branch. */
export type Authority = 'remote' | 'store';

const OUTCOMES = {
  'first.1': 'branch_landed',
  'clash.1': 'branch_conflicted',
  'second.1': 'branch_ejected',
  'plain.1': 'branch_landed',
};

/** One small landing by processes that may be killed, on real repositories with a journal on disk. */
export class CrashRun implements Disposable {
  readonly #fixture = new LandingFixture();
  readonly #authority: string;
  readonly #order: QueueOrder;

  constructor(authority: Authority) {
    const { root, store, remote } = this.#fixture;
    this.#authority = authority === 'remote' ? remote : store;
    this.#fixture.git(this.#authority, 'config', 'core.logAllRefUpdates', 'always');
    this.#order = {
      store,
      ...(authority === 'remote' ? { remote } : {}),
      journal: join(root, 'journal'),
      submissions: [
        this.#fixture.branch('first', { hot: 'first\n', 'pair-1-a': '' }),
        this.#fixture.branch('clash', { hot: 'clash\n' }),
        this.#fixture.branch('second', { 'pair-1-b': '' }),
        this.#fixture.branch('plain', { plain: '' }),
      ],
    };
    mkdirSync(join(root, 'tmp'));
  }

  /** Runs a process to its end, or to the point at which it kills itself; gives the points it passed when it ended well. */
  async start(crashAt = ''): Promise<{ readonly ended: number | string | null; readonly points: string[] }> {
    const command = ['--conditions=@agentswarm/source', SCRIPT, JSON.stringify(this.#order)];
    const env = { ...process.env, TMPDIR: join(this.#fixture.root, 'tmp'), CRASH_AT: crashAt };
    const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    const ended = await new Promise<number | string | null>((resolve) =>
      child.once('exit', (code, signal) => resolve(signal ?? code)),
    );
    return { ended, points: ended === 0 ? (JSON.parse(output) as string[]) : [] };
  }

  get events(): readonly QueueEvent[] {
    const lines = readFileSync(this.#order.journal, 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as QueueEvent);
  }

  /** Everything an undisturbed run leaves, and nothing else. */
  async check(where: string): Promise<void> {
    await expect.poll(() => processesMentioning(this.#fixture.root), { timeout: 30_000 }).toEqual([]);
    expect(Object.fromEntries(outcomesOf(this.events)), where).toEqual(OUTCOMES);
    const fixture = this.#fixture;
    const authority = this.#authority;
    const trailers = fixture.git(authority, 'log', '--format=%(trailers:key=Mq-Ticket,valueonly)', 'main');
    expect(trailers.split('\n').filter(Boolean).toSorted(), where).toEqual(['first.1', 'plain.1']);
    const values = fixture.git(authority, 'reflog', '--format=%H', 'main').split('\n').filter(Boolean);
    for (const value of new Set([...values, fixture.main(authority)])) {
      expect(scriptedVerdict(fixture.files(value, authority)), `${where}: main at ${value}`).toBe('pass');
    }
    expect(fixture.git(fixture.store, 'for-each-ref', 'refs/agentswarm/queue/main/pins/'), where).toBe('');
    const owner = fixture.git(fixture.store, 'cat-file', 'blob', 'refs/agentswarm/queue/main/writer');
    expect(JSON.parse(owner), `${where}: the target is free again`).not.toHaveProperty('pid');
    const files = readdirSync(fixture.root, { recursive: true, encoding: 'utf8' });
    expect(
      files.filter((file) => /\.lock$|(^|\/)worktrees(\/|$)/.test(file)),
      where,
    ).toEqual([]);
    expect(fixture.git(authority, 'fsck', '--no-dangling'), where).toBe('');
  }

  [Symbol.dispose](): void {
    this.#fixture[Symbol.dispose]();
  }
}
