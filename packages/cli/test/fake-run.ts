import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { foldRecords } from '@agentswarm/core';
import { acquireRunLock, openSqliteJournal } from '@agentswarm/journal';
import type { ComposeRun } from '../src/runs/compose.ts';
import { ENDING, MIDWAY, parseEvents, RUN_ID, runStarted } from './synthetic-run.ts';

export interface FakeRunOptions {
  /** Stop after the events so far and wait for Ctrl-C instead of meeting the goal. */
  readonly waitForStop?: boolean;
}

/** Plays the synthetic run into a real journal, as a composed run would, and closes it at the end. */
export function createFakeRun({ waitForStop = false }: FakeRunOptions = {}): ComposeRun {
  return async ({ targetPath, config, resumeRunId, stop, logger, ...options }) => {
    const folder = join(targetPath, '.agentswarm', 'runs', RUN_ID);
    mkdirSync(join(folder, 'transcripts'), { recursive: true });
    const lock = acquireRunLock(join(targetPath, '.agentswarm', 'run.lock'));
    if (lock.kind === 'held') throw new TypeError('the lock is held');
    using _ = lock.lock;
    await using journal = openSqliteJournal({ path: join(folder, 'journal.db') });
    const append = (events: readonly unknown[]) =>
      parseEvents(events).forEach((event) => journal.append(event));
    const self = { pid: process.pid, version: '0.1.0' };
    if (resumeRunId === undefined) {
      append([{ ...(runStarted(targetPath) as object), process: self, config: toJson(config) }, ...MIDWAY]);
    } else append([{ type: 'run_resumed', process: self, endpoints: [] }]);
    logger.warn({ run: RUN_ID }, 'playing a synthetic run');
    await options.onStarted({ runId: RUN_ID, folder, journal });
    if (waitForStop) {
      await aborted(stop.graceful);
      const main = 'c'.repeat(40);
      append([
        { type: 'run_stopping', reason: 'interrupt', message: 'interrupted' },
        { type: 'run_finished', outcome: 'interrupted', reason: 'interrupted by a person', main },
      ]);
    } else append(ENDING);
    const state = foldRecords(journal.read());
    const { outcome, reason } = state.finished ?? { outcome: 'not_met', reason: 'no end' };
    return { outcome, reason, state };
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
}

/** As a journal holds it: secrets as `***`. */
const toJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
