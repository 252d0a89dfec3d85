import { applyRecord, INITIAL_RUN_STATE, type Journal, type Logger, type RunState } from '@agentswarm/core';
import type { RunView } from '../view/run-view.ts';
import { readRecords } from './read-run.ts';
import type { RunFolder } from './run-folder.ts';

export interface FollowOptions {
  readonly journal: Journal;
  readonly folder: RunFolder;
  readonly view: RunView;
  readonly logger: Logger;
}

/** Feeds a view with a run's journal. An observer: its failures are logged and never reach the run. */
export interface Follower {
  /** Shows what the journal still holds and stops; returns the state shown last. */
  finish(): Promise<RunState>;
}

/** Starts to follow; {@link Follower.finish} must be called. */
export function followRun({ journal, folder, view, logger }: FollowOptions): Follower {
  const stopping = new AbortController();
  let state = INITIAL_RUN_STATE;
  const show = (record: Parameters<RunView['show']>[0]) => {
    state = applyRecord(state, record);
    view.show(record, state);
  };
  const follow = async () => {
    for await (const record of journal.follow({ signal: stopping.signal })) show(record);
  };
  const following = follow().catch((error: unknown) => {
    logger.error({ error: String(error) }, 'the view of the run failed');
  });
  return {
    async finish() {
      stopping.abort();
      await following;
      // The run may have closed its journal before the last records were heard of.
      for (const record of await readRecords(folder, state.lastSeq)) show(record);
      return state;
    },
  };
}
