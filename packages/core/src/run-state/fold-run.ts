import type { RunEventOf } from '../events/run-event.ts';
import { reviveSpend } from './fold-budget.ts';
import type { RunState } from './run-state.ts';

type RunLifecycleEvent = RunEventOf<
  'run_started' | 'run_resumed' | 'run_stopping' | 'run_finished' | 'notice_raised' | 'feature_status_landed'
>;

export function foldRun(state: RunState, event: RunLifecycleEvent, atMs: number): RunState {
  switch (event.type) {
    case 'run_started':
      return {
        ...state,
        run: event,
        runId: event.runId,
        pid: event.process.pid,
        startedAtMs: atMs,
        activeSinceMs: atMs,
        endpoints: event.endpoints,
        features: event.features,
        main: event.target.base,
      };
    case 'run_resumed':
      return resume(state, event, atMs);
    case 'run_stopping':
      return { ...state, stopping: event.message };
    case 'run_finished':
      return finish(state, event, atMs);
    case 'notice_raised':
      return { ...state, notices: [...state.notices, { level: event.level, message: event.message, atMs }] };
    case 'feature_status_landed':
      return { ...state, main: event.commit, featureStatusCommit: event.commit };
  }
}

function resume(state: RunState, event: RunEventOf<'run_resumed'>, atMs: number): RunState {
  const { finished: _finished, stopping: _stopping, mainFailure, ...rest } = state;
  const { stopped: _stopped, ...queue } = state.queue;
  return {
    ...rest,
    // Somebody may have repaired it meanwhile, unless that is what this run is for.
    ...(mainFailure !== undefined && state.run?.repair === true ? { mainFailure } : {}),
    queue: { ...queue, gating: [] },
    planning: { ...state.planning, active: false, failures: 0, emptyRounds: 0 },
    pid: event.process.pid,
    ...(event.main === undefined ? {} : { main: event.main }),
    activeMs: activeMsUntil(state, state.lastAtMs),
    activeSinceMs: atMs,
    endpoints: event.endpoints,
    spend: reviveSpend(state.spend, event.endpoints),
    resumes: state.resumes + 1,
  };
}

function finish(state: RunState, event: RunEventOf<'run_finished'>, atMs: number): RunState {
  const { activeSinceMs: _activeSinceMs, ...rest } = state;
  return {
    ...rest,
    activeMs: activeMsUntil(state, atMs),
    finished: { outcome: event.outcome, reason: event.reason, main: event.main },
    main: event.main,
  };
}

/** Milliseconds of activity up to `atMs`; pauses between a crash or stop and its resume do not count. */
export function activeMsUntil(state: RunState, atMs: number): number {
  return state.activeMs + (state.activeSinceMs === undefined ? 0 : Math.max(0, atMs - state.activeSinceMs));
}
