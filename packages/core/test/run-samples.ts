import { RunEventSchema, type JournalRecord, type RunEvent } from '@agentswarm/core';

/** A commit name made of one repeated hexadecimal digit. */
export const sha = (digit: string) => digit.repeat(40);

const branchOf = (attemptId: string) => `worker/${attemptId}`;
const taskOf = (attemptId: string) => attemptId.split('.')[0] ?? '';

/** Makes an event, checked against the schema. */
export function event(fields: Record<string, unknown>): RunEvent {
  return RunEventSchema.parse(fields);
}

export const feature = (id: string, status = 'planned') => ({
  id,
  category: 'engine',
  priority: 1,
  description: id,
  files: [`src/${id}.ts`],
  acceptance: ['works'],
  status,
  dependsOn: [],
});

export const task = (id: string, more: object = {}) => ({
  id,
  description: `Build ${id}`,
  scope: [`src/${id}.ts`],
  acceptance: ['works'],
  dependsOn: [],
  priority: 5,
  features: [id],
  ...more,
});

export const handoff = (attemptId: string, head = sha('b')) => ({
  v: 1,
  attemptId,
  status: 'complete',
  summary: 'Done.',
  concerns: [],
  suggestions: [],
  branch: branchOf(attemptId),
  base: sha('a'),
  head,
  metrics: { turns: 2, toolCalls: 3, durationMs: 100 },
});

const process = { pid: 100, version: '0.1.0' };
export const endpoint = { name: 'local', model: 'm', ownedBy: 'scripted' };

export const started = (features: object[] = []) =>
  event({
    type: 'run_started',
    runId: 'run-1',
    process,
    target: { path: '/repo', remote: '/remote', mainBranch: 'main', base: sha('a') },
    config: { maxWorkers: 4 },
    gate: ['npm test'],
    spec: 'Build it.',
    features,
    endpoints: [endpoint],
    isolation: 'bubblewrap',
  });
export const resumed = (pid = 200) =>
  event({ type: 'run_resumed', process: { ...process, pid }, endpoints: [{ ...endpoint, model: 'n' }] });
export const stopping = () => event({ type: 'run_stopping', reason: 'interrupt', message: 'Ctrl-C' });
export const finished = (outcome = 'goal_met', main = sha('f')) =>
  event({ type: 'run_finished', outcome, reason: 'because', main });

export const planned = (tasks: object[], more: object = {}) =>
  event({
    type: 'planning_completed',
    round: 1,
    tasks,
    scratchpad: 'notes',
    specMet: false,
    durationMs: 5,
    heardSeq: 0,
    ...more,
  });

export const dispatched = (attemptId: string) =>
  event({
    type: 'attempt_dispatched',
    taskId: taskOf(attemptId),
    attemptId,
    number: Number(attemptId.split('.')[1]),
    branch: branchOf(attemptId),
    base: sha('a'),
  });
export const attemptStarted = (attemptId: string) =>
  event({
    type: 'attempt_started',
    taskId: taskOf(attemptId),
    attemptId,
    sandboxId: `box-${attemptId}`,
    transcript: `transcripts/${attemptId}.ndjson`,
  });
export const handedOff = (attemptId: string) =>
  event({
    type: 'attempt_handed_off',
    taskId: taskOf(attemptId),
    attemptId,
    handoff: handoff(attemptId),
    head: sha('b'),
    files: ['src/a.ts'],
  });
export const queued = (attemptId: string) =>
  event({
    type: 'branch_queued',
    ticket: attemptId,
    branch: branchOf(attemptId),
    head: sha('b'),
    priority: 5,
  });
export const gateFinished = (tickets: string[], verdict: string) =>
  event({ type: 'gate_finished', tickets, candidate: sha('c'), verdict, durationMs: 7 });
export const gateStarted = (tickets: string[]) =>
  event({ type: 'gate_started', tickets, candidate: sha('c'), tree: sha('d') });
export const intended = (tickets: string[], to = sha('c')) =>
  event({ type: 'landing_intended', tickets, old: sha('a'), new: to });
export const landed = (ticket: string, commit = sha('c')) =>
  event({ type: 'branch_landed', ticket, branch: branchOf(ticket), head: sha('b'), commit, main: commit });
export const conflicted = (ticket: string) =>
  event({
    type: 'branch_conflicted',
    ticket,
    branch: branchOf(ticket),
    files: ['src/index.ts'],
    main: sha('d'),
  });
export const ejected = (ticket: string) =>
  event({
    type: 'branch_ejected',
    ticket,
    branch: branchOf(ticket),
    main: sha('d'),
    failure: { command: 'npm test', exitCode: 1, outputTail: '1 failed' },
  });
export const about = (attemptId: string, type: string, more: object) =>
  event({ type, taskId: taskOf(attemptId), attemptId, ...more });

export const modelCalled = (role: string, more: object = {}) =>
  event({
    type: 'model_called',
    role,
    endpoint: 'local',
    model: 'm',
    ok: true,
    httpStatus: 200,
    promptTokens: 10,
    completionTokens: 5,
    estimated: false,
    durationMs: 3,
    ...more,
  });

type Sum = { readonly nanoUsd: number; readonly tokens: number };

export const reserved = (id: string, more: Sum & Readonly<Record<string, unknown>>) =>
  event({ type: 'budget_reserved', id, provider: 'local', ...more });

export const settled = (id: string, sum: Sum) => event({ type: 'budget_settled', id, ...sum });

export const exhausted = (more: object) =>
  event({
    type: 'budget_exhausted',
    unit: 'usd',
    limit: 5,
    spent: 4.88,
    reserved: 0.1,
    needed: 5.1,
    message: 'the budget is used up',
    ...more,
  });

/** The way of an attempt from dispatch into the queue. */
export const untilQueued = (attemptId: string) => [
  dispatched(attemptId),
  attemptStarted(attemptId),
  handedOff(attemptId),
  queued(attemptId),
];

/** Records at 1000, 2000, … ms. */
export function recordsOf(events: readonly RunEvent[]): JournalRecord[] {
  return events.map((item, index) => ({ seq: index + 1, atMs: (index + 1) * 1000, event: item }));
}
