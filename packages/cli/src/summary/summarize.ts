import {
  landedFeatures,
  snapshotMetrics,
  type EndpointReport,
  type MetricsSnapshot,
  type ResolvedPath,
  type RunOutcome,
  type RunState,
} from '@agentswarm/core';
import { listSetbacks, type Setback } from './setbacks.ts';

/** How one feature of FEATURES.json stands. */
export interface FeatureReport {
  readonly id: string;
  readonly status: 'landed' | 'in_progress' | 'failed' | 'planned';
}

/** Where the result is. */
export interface RepositoryReport {
  readonly path: string;
  /** URL or path of the remote that holds the landings. */
  readonly remote: string;
  readonly mainBranch: string;
  readonly base: string;
  /** Tip of main. */
  readonly main: string;
}

/** What a run came to: the one object `--json` prints. Every figure is a fold over the journal. */
export interface RunSummary {
  readonly v: 1;
  readonly runId: string;
  /** `unfinished`: it runs still, or its process died; it can be resumed. */
  readonly outcome: RunOutcome | 'unfinished';
  readonly reason: string;
  readonly features: readonly FeatureReport[];
  readonly metrics: MetricsSnapshot;
  readonly setbacks: readonly Setback[];
  /** Landings in which git could not merge every path, and who decided those. */
  readonly resolved: readonly { readonly ticket: string; readonly paths: readonly ResolvedPath[] }[];
  readonly endpoints: readonly EndpointReport[];
  readonly isolation: string;
  readonly repository: RepositoryReport;
  readonly gate: readonly string[];
  readonly resumes: number;
  readonly notices: readonly { readonly level: string; readonly message: string }[];
}

/** Sums up a run from its state. Pure: the same journal gives the same summary. */
export function summarizeRun(state: RunState): RunSummary {
  return {
    v: 1,
    ...endOf(state),
    features: reportFeatures(state),
    metrics: snapshotMetrics(state),
    setbacks: listSetbacks(state),
    resolved: state.landings.flatMap(({ ticket, resolved }) =>
      resolved.length === 0 ? [] : [{ ticket, paths: resolved }],
    ),
    endpoints: state.endpoints,
    ...startOf(state),
    resumes: state.resumes,
    notices: state.notices.map(({ level, message }) => ({ level, message })),
  };
}

function endOf({ finished, stopping }: RunState): Pick<RunSummary, 'outcome' | 'reason'> {
  if (finished !== undefined) return { outcome: finished.outcome, reason: finished.reason };
  return { outcome: 'unfinished', reason: stopping ?? 'the run has not ended' };
}

/** What is fixed when a run starts; empty while its journal holds no start. */
function startOf({ run, main }: RunState): Pick<RunSummary, 'runId' | 'isolation' | 'repository' | 'gate'> {
  if (run === undefined) {
    const repository = { path: '', remote: '', mainBranch: '', base: '', main: '' };
    return { runId: '', isolation: 'unknown', repository, gate: [] };
  }
  const { path, remote, mainBranch, base } = run.target;
  return {
    runId: run.runId,
    isolation: run.isolation,
    repository: { path, remote, mainBranch, base, main: main ?? base },
    gate: run.gate,
  };
}

function reportFeatures(state: RunState): FeatureReport[] {
  const landed = landedFeatures(state);
  return state.features.map(({ id }) => {
    if (landed.has(id)) return { id, status: 'landed' };
    const tasks = [...state.tasks.values()].filter((task) => task.task.features.includes(id));
    if (tasks.some((task) => task.status === 'failed')) return { id, status: 'failed' };
    return { id, status: tasks.some((task) => task.attempts.length > 0) ? 'in_progress' : 'planned' };
  });
}
