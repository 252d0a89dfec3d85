import type { CommitSha, QueueEvent } from '@agentswarm/core';

/** What became of each branch: the one object `agentswarm land --json` prints. */
export interface LandReport {
  readonly target: string;
  readonly before: string;
  readonly after: string;
  /** Whether a gate decided; without one, branches only had to merge. */
  readonly gated: boolean;
  readonly landed: readonly {
    readonly branch: string;
    /** The commit that brought it; absent in a dry run. */
    readonly commit?: string;
    /** Resolvers that decided paths git could not merge. */
    readonly resolvedBy?: readonly string[];
    /** What of either side is not in the result. */
    readonly dropped?: readonly string[];
  }[];
  readonly conflicted: readonly { readonly branch: string; readonly paths: readonly string[] }[];
  readonly ejected: readonly {
    readonly branch: string;
    readonly reason: string;
    readonly command?: string;
    readonly outputTail?: string;
  }[];
  readonly refused: readonly {
    readonly branch: string;
    readonly reason: string;
    readonly message?: string;
    readonly paths?: readonly string[];
  }[];
  readonly durationMs: number;
  readonly gateRuns: number;
  /** How often the target was moved. */
  readonly pushes: number;
  /** Present when nothing was to be changed. */
  readonly dryRun?: true;
  /** Branches without an outcome, when landing ended early. */
  readonly waiting?: readonly string[];
  /** Why it ended early. */
  readonly stopped?: { readonly code: string; readonly message: string };
}

export interface ReportFacts {
  readonly target: string;
  readonly before: CommitSha;
  readonly after: CommitSha;
  readonly gated: boolean;
  readonly durationMs: number;
  readonly unknown: readonly string[];
  readonly events: readonly QueueEvent[];
}

type EventOf<Type extends QueueEvent['type']> = Extract<QueueEvent, { readonly type: Type }>;

/** Sums up the events of a queue. Pure. */
export function reportLanding(facts: ReportFacts): LandReport {
  const { events, unknown, gated } = facts;
  const of = <Type extends QueueEvent['type']>(type: Type) =>
    events.filter((event): event is EventOf<Type> => event.type === type);
  const settled = [
    ...of('branch_landed'),
    ...of('branch_conflicted'),
    ...of('branch_ejected'),
    ...of('branch_refused'),
  ];
  const done = new Set(settled.map(({ ticket }) => ticket));
  const waiting = of('branch_queued').filter(({ ticket }) => !done.has(ticket));
  const [stopped] = of('queue_stopped');
  const intended = new Set(of('landing_intended').map(({ new: commit }) => commit));
  const moved = new Set(of('branch_landed').map(({ main }) => main));
  return {
    target: facts.target,
    before: facts.before,
    after: facts.after,
    gated,
    landed: of('branch_landed').map(landedEntry),
    conflicted: of('branch_conflicted').map(({ branch, files }) => ({ branch, paths: files })),
    ejected: of('branch_ejected').map(ejectedEntry),
    refused: [
      ...unknown.map((branch) => ({ branch, reason: 'unknown_branch', message: 'there is no such branch' })),
      ...of('branch_refused').map(refusedEntry),
    ],
    durationMs: facts.durationMs,
    gateRuns: gated ? of('gate_started').length : 0,
    pushes: moved.intersection(intended).size,
    ...(waiting.length === 0 ? {} : { waiting: waiting.map(({ branch }) => branch) }),
    ...(stopped === undefined ? {} : { stopped: { code: stopped.code, message: stopped.message } }),
  };
}

/** Whether every branch asked for is on the target. */
export function hasLandedAll(report: LandReport): boolean {
  const { conflicted, ejected, refused, waiting = [] } = report;
  return conflicted.length + ejected.length + refused.length + waiting.length === 0;
}

function landedEntry({
  branch,
  commit,
  resolved = [],
}: EventOf<'branch_landed'>): LandReport['landed'][number] {
  if (resolved.length === 0) return { branch, commit };
  const dropped = resolved.flatMap(({ path, dropped: lost }) => lost.map((what) => `${path}: ${what}`));
  return {
    branch,
    commit,
    resolvedBy: [...new Set(resolved.map(({ resolver }) => resolver))],
    ...(dropped.length === 0 ? {} : { dropped }),
  };
}

function ejectedEntry({ branch, failure }: EventOf<'branch_ejected'>): LandReport['ejected'][number] {
  const { command, exitCode, problem, outputTail } = failure;
  return { branch, reason: problem ?? `exit code ${exitCode}`, command, outputTail };
}

function refusedEntry({
  branch,
  reason,
  message,
  paths,
}: EventOf<'branch_refused'>): LandReport['refused'][number] {
  return { branch, reason, message, ...(paths.length === 0 ? {} : { paths }) };
}
