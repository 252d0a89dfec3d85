import type { AttemptId, RunId } from './ids.ts';

/** Prefix of everything the store keeps of a run's attempts. */
export function runRefs(runId: RunId): string {
  return `refs/agentswarm/${runId}/`;
}

/** The ref of the store with what an attempt handed in, or had done when it ended. */
export function attemptRef(runId: RunId, attemptId: AttemptId): string {
  return `${runRefs(runId)}${attemptId}`;
}

/** Prefix of the refs with what an attempt had done while it worked: `<prefix>/1`, `<prefix>/2`, … */
export function snapshotRefs(runId: RunId, attemptId: AttemptId): string {
  return `${runRefs(runId)}snapshots/${attemptId}`;
}
