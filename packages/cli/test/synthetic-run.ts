import {
  AttemptIdSchema,
  RunEventSchema,
  type JournalRecord,
  type RunEvent,
  foldRecords,
  type RunState,
} from '@agentswarm/core';

export const RUN_ID = 'run-20261120-101500-k3f9';
export const START_MS = Date.UTC(2026, 10, 20, 10, 15);

const sha = (digit: string) => digit.repeat(40);
const task = (id: string, dependsOn: readonly string[] = []) => ({
  id,
  description: `Write ${id}.`,
  scope: [`src/${id}.ts`],
  acceptance: ['its tests pass'],
  dependsOn,
  priority: 2,
  features: [id],
});
const feature = (id: string) => ({
  id,
  category: 'engine',
  priority: 2,
  description: `The ${id}.`,
  files: [`src/${id}.ts`],
  acceptance: ['its tests pass'],
  status: 'planned',
  dependsOn: [],
});

/** Events of one attempt up to its hand-in. */
function attempt(taskId: string, number: number): unknown[] {
  const of = { taskId, attemptId: `${taskId}.${number}` };
  const branch = `worker/${of.attemptId}`;
  return [
    { type: 'attempt_dispatched', ...of, number, branch, base: sha('a') },
    {
      type: 'attempt_started',
      ...of,
      sandboxId: `box-${of.attemptId}`,
      transcript: `transcripts/${of.attemptId}.ndjson`,
    },
    { type: 'attempt_progressed', ...of, phase: 'tool', message: 'bash: npm test', toolCalls: 3 },
  ];
}

function handIn(taskId: string, number: number): unknown[] {
  const attemptId = AttemptIdSchema.parse(`${taskId}.${number}`);
  const branch = `worker/${attemptId}`;
  const handoff = {
    v: 1,
    attemptId,
    status: 'complete',
    summary: `${taskId} works`,
    concerns: [],
    suggestions: [],
    branch,
    base: sha('a'),
    head: sha('b'),
    metrics: { turns: 4, toolCalls: 3, durationMs: 9000 },
  };
  return [
    { type: 'attempt_handed_off', taskId, attemptId, handoff, head: sha('b'), files: [`src/${taskId}.ts`] },
    { type: 'branch_queued', ticket: attemptId, branch, head: sha('b'), priority: 2 },
  ];
}

function landing(ticket: string): unknown[] {
  return [
    { type: 'gate_started', tickets: [ticket], candidate: sha('c'), tree: sha('d') },
    { type: 'gate_finished', tickets: [ticket], candidate: sha('c'), verdict: 'pass', durationMs: 4200 },
    { type: 'landing_intended', tickets: [ticket], old: sha('a'), new: sha('c') },
    {
      type: 'branch_landed',
      ticket,
      branch: `worker/${ticket}`,
      head: sha('b'),
      commit: sha('c'),
      main: sha('c'),
    },
  ];
}

const call = (role: string, promptTokens: number, completionTokens: number) => ({
  type: 'model_called',
  role,
  endpoint: 'default',
  model: 'scripted-voxelcraft',
  ok: true,
  httpStatus: 200,
  promptTokens,
  completionTokens,
  estimated: false,
  durationMs: 12,
});

/** `run_started` of a run on a given target. */
export const runStarted = (targetPath = '/proj/voxelcraft'): unknown => ({
  type: 'run_started',
  runId: RUN_ID,
  process: { pid: 4242, version: '0.1.0' },
  target: { path: targetPath, remote: `${targetPath}.git`, mainBranch: 'main', base: sha('a') },
  config: { maxWorkers: 4, llmApiKey: '***' },
  gate: ['npm run typecheck', 'npm test'],
  spec: '# VoxelCraft',
  features: ['vec3', 'noise', 'mesher', 'camera', 'world'].map(feature),
  endpoints: [{ name: 'default', model: 'scripted-voxelcraft', ownedBy: 'scripted' }],
  isolation: 'bubblewrap',
});

/** A run in full swing: two landed, one attempt of each kind of setback, one queued, one running. */
export const MIDWAY: readonly unknown[] = [
  { type: 'planning_started', round: 1, reason: 'the run starts' },
  call('planner', 5200, 900),
  {
    type: 'planning_completed',
    round: 1,
    tasks: [task('vec3'), task('noise'), task('mesher'), task('camera', ['vec3']), task('world', ['mesher'])],
    scratchpad: '',
    specMet: false,
    durationMs: 800,
    heardSeq: 1,
  },
  ...attempt('vec3', 1),
  ...attempt('noise', 1),
  ...attempt('mesher', 1),
  call('worker', 41_000, 6100),
  ...handIn('vec3', 1),
  {
    type: 'branch_conflicted',
    ticket: 'vec3.1',
    branch: 'worker/vec3.1',
    files: ['src/engine/index.ts'],
    main: sha('a'),
  },
  ...handIn('noise', 1),
  ...landing('noise.1'),
  ...attempt('vec3', 2),
  {
    type: 'attempt_refused',
    taskId: 'mesher',
    attemptId: 'mesher.1',
    files: ['src/noise.ts'],
    reason: 'files outside its scope',
  },
  ...handIn('vec3', 2),
  ...landing('vec3.2'),
  ...attempt('mesher', 2),
  ...attempt('camera', 1),
  ...handIn('camera', 1),
  { type: 'gate_started', tickets: ['camera.1'], candidate: sha('e'), tree: sha('f') },
];

/** The rest, to a run that met its goal. */
export const ENDING: readonly unknown[] = [
  {
    type: 'branch_ejected',
    ticket: 'camera.1',
    branch: 'worker/camera.1',
    main: sha('c'),
    failure: { command: 'npm test', exitCode: 1, outputTail: 'expected 1 to be 2' },
  },
  {
    type: 'attempt_failed',
    taskId: 'mesher',
    attemptId: 'mesher.2',
    reason: 'worker_died',
    message: 'exit 137',
  },
  ...attempt('mesher', 3),
  ...handIn('mesher', 3),
  ...landing('mesher.3'),
  ...attempt('camera', 2),
  ...handIn('camera', 2),
  ...landing('camera.2'),
  ...attempt('world', 1),
  ...handIn('world', 1),
  ...landing('world.1'),
  {
    type: 'run_finished',
    outcome: 'goal_met',
    reason: 'the specification is met and the gate is green',
    main: sha('c'),
  },
];

export const parseEvents = (events: readonly unknown[]): RunEvent[] =>
  events.map((event) => RunEventSchema.parse(event));

/** Events as records, one second apart. */
export function recordsOf(events: readonly unknown[]): JournalRecord[] {
  return parseEvents(events).map((event, index) => ({
    seq: index + 1,
    atMs: START_MS + index * 1000,
    event,
  }));
}

export const midwayState = (): RunState => foldRecords(recordsOf([runStarted(), ...MIDWAY]));
export const finishedState = (): RunState => foldRecords(recordsOf([runStarted(), ...MIDWAY, ...ENDING]));
