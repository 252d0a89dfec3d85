import {
  applyRecord,
  AttemptIdSchema,
  foldRecords,
  INITIAL_RUN_STATE,
  TaskIdSchema,
  type RunEvent,
  type RunState,
} from '@agentswarm/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  about,
  attemptStarted,
  conflicted,
  dispatched,
  ejected,
  event,
  finished,
  gateFinished,
  gateStarted,
  handedOff,
  intended,
  landed,
  modelCalled,
  planned,
  queued,
  recordsOf,
  resumed,
  sha,
  started,
  stopping,
  task,
  untilQueued,
} from './run-samples.ts';

const fold = (...events: RunEvent[]) => foldRecords(recordsOf(events));
const attempt = (state: RunState, id: string) => state.attempts.get(AttemptIdSchema.parse(id));
const taskState = (state: RunState, id: string) => state.tasks.get(TaskIdSchema.parse(id));

const PREFIX = [started(), planned([task('a'), task('b')])];

describe('the way to a landing', () => {
  it('follows an attempt step by step', () => {
    const steps = [
      ...untilQueued('a.1'),
      gateStarted(['a.1']),
      gateFinished(['a.1'], 'pass'),
      intended(['a.1']),
      landed('a.1'),
    ];
    let state = fold(...PREFIX);
    const seen = steps.map((step) => {
      state = applyRecord(state, { seq: state.lastSeq + 1, atMs: state.lastAtMs + 1000, event: step });
      const { tickets, gating, intents } = state.queue;
      return [attempt(state, 'a.1')?.status, tickets.length, gating.length, intents.length];
    });
    expect(seen).toEqual([
      ['dispatched', 0, 0, 0],
      ['running', 0, 0, 0],
      ['handed_off', 0, 0, 0],
      ['queued', 1, 0, 0],
      ['queued', 1, 1, 0],
      ['queued', 1, 0, 0],
      ['queued', 1, 0, 1],
      ['landed', 0, 0, 0],
    ]);
    expect(attempt(state, 'a.1')).toMatchObject({
      number: 1,
      branch: 'worker/a.1',
      startedAtMs: 3000,
      endedAtMs: 5000,
      sandboxId: 'box-a.1',
      files: ['src/a.ts'],
      commit: sha('c'),
    });
    expect(taskState(state, 'a')).toMatchObject({ status: 'landed', attempts: ['a.1'], round: 1 });
    expect(taskState(state, 'b')?.status).toBe('open');
    expect(state.main).toBe(sha('c'));
    expect(state.landings).toEqual([
      { taskId: 'a', ticket: 'a.1', commit: sha('c'), atMs: 10_000, resolved: [] },
    ]);
  });

  it('shows what an attempt is doing', () => {
    const progressed = about('a.1', 'attempt_progressed', {
      phase: 'tool',
      message: 'npm test',
      toolCalls: 4,
    });
    const state = fold(...PREFIX, dispatched('a.1'), attemptStarted('a.1'), progressed);
    expect(attempt(state, 'a.1')).toMatchObject({ activity: 'npm test', toolCalls: 4, status: 'running' });
  });
});

describe('every other end of an attempt', () => {
  const refused = about('a.1', 'attempt_refused', { files: ['lib/x.ts'], reason: 'outside its scope' });
  const failed = about('a.1', 'attempt_failed', { reason: 'worker_died', message: 'killed' });
  const abandoned = about('a.1', 'attempt_abandoned', { reason: 'the orchestrator stopped' });

  it.each([
    [
      'conflicted',
      [...untilQueued('a.1'), conflicted('a.1')],
      { attempt: 1, outcome: 'conflicted', files: ['src/index.ts'], reason: expect.stringContaining('dddd') },
    ],
    [
      'ejected',
      [...untilQueued('a.1'), gateStarted(['a.1']), gateFinished(['a.1'], 'fail'), ejected('a.1')],
      {
        attempt: 1,
        outcome: 'ejected',
        reason: expect.stringContaining('exit code 1'),
        files: [],
        command: 'npm test',
        outputTail: '1 failed',
      },
    ],
    [
      'refused',
      [dispatched('a.1'), attemptStarted('a.1'), handedOff('a.1'), refused],
      { attempt: 1, outcome: 'refused', reason: 'outside its scope', files: ['lib/x.ts'] },
    ],
    [
      'failed',
      [dispatched('a.1'), attemptStarted('a.1'), failed],
      { attempt: 1, outcome: 'failed', reason: 'worker_died: killed', files: [] },
    ],
    ['abandoned', [dispatched('a.1'), attemptStarted('a.1'), abandoned], undefined],
  ] as const)(
    '%s: leaves the queue, keeps the evidence, and the task stays open',
    (status, events, evidence) => {
      const state = fold(...PREFIX, ...events);
      expect(attempt(state, 'a.1')?.status).toBe(status);
      expect(attempt(state, 'a.1')?.evidence).toEqual(evidence);
      expect(attempt(state, 'a.1')?.endedAtMs).toBeGreaterThan(0);
      expect(taskState(state, 'a')?.status).toBe('open');
      expect(state.queue.tickets).toEqual([]);
      expect(state.main).toBe(sha('a'));
    },
  );

  it('is followed by another attempt of the same task', () => {
    const state = fold(
      ...PREFIX,
      ...untilQueued('a.1'),
      conflicted('a.1'),
      ...untilQueued('a.2'),
      landed('a.2'),
    );
    expect(taskState(state, 'a')).toMatchObject({ status: 'landed', attempts: ['a.1', 'a.2'] });
    expect(attempt(state, 'a.1')?.status).toBe('conflicted');
  });

  it('may be the last one', () => {
    const gaveUp = event({ type: 'task_failed', taskId: 'a', reason: '3 attempts' });
    const cancelled = event({ type: 'task_cancelled', taskId: 'b', reason: 'its dependency failed' });
    const state = fold(...PREFIX, gaveUp, cancelled);
    expect(taskState(state, 'a')).toMatchObject({ status: 'failed', reason: '3 attempts' });
    expect(taskState(state, 'b')).toMatchObject({ status: 'cancelled', reason: 'its dependency failed' });
  });
});

describe('outcomes', () => {
  it('are the ends of attempts and tasks, in order, and nothing else', () => {
    const end = (taskId: string, type: string) => event({ type, taskId, reason: 'r' });
    const state = fold(
      ...PREFIX,
      ...untilQueued('a.1'),
      conflicted('a.1'),
      ...untilQueued('a.2'),
      ejected('a.2'),
      ...untilQueued('a.3'),
      landed('a.3'),
      landed('b.9'),
      dispatched('b.1'),
      about('b.1', 'attempt_refused', { files: ['x'], reason: 'r' }),
      dispatched('b.2'),
      about('b.2', 'attempt_failed', { reason: 'timed_out', message: 'm' }),
      about('b.2', 'attempt_abandoned', { reason: 'r' }),
      end('b', 'task_failed'),
      end('b', 'task_cancelled'),
    );
    expect(state.outcomes).toEqual([
      { seq: 7, taskId: 'a', kind: 'conflicted' },
      { seq: 12, taskId: 'a', kind: 'ejected' },
      { seq: 17, taskId: 'a', kind: 'landed' },
      { seq: 20, taskId: 'b', kind: 'refused' },
      { seq: 22, taskId: 'b', kind: 'failed' },
      { seq: 24, taskId: 'b', kind: 'given_up' },
      { seq: 25, taskId: 'b', kind: 'cancelled' },
    ]);
    expect(attempt(state, 'b.2')?.failure).toBe('timed_out');
  });
});

describe('landing intents', () => {
  const both = [...PREFIX, ...untilQueued('a.1'), ...untilQueued('b.1')];

  it('stay open until every ticket in them is settled, landed or not', () => {
    const intent = [...both, intended(['a.1', 'b.1'])];
    expect(fold(...intent).queue.intents).toEqual([
      { tickets: ['a.1', 'b.1'], old: sha('a'), new: sha('c') },
    ]);
    expect(fold(...intent, landed('a.1')).queue.intents).toMatchObject([{ tickets: ['b.1'] }]);
    expect(fold(...intent, landed('a.1'), landed('b.1')).queue.intents).toEqual([]);
    expect(fold(...intent, landed('a.1'), ejected('b.1')).queue.intents).toEqual([]);
    expect(fold(...intent, conflicted('a.1'), conflicted('b.1')).queue.intents).toEqual([]);
  });

  it('of lost pushes are settled with the one that won', () => {
    const state = fold(
      ...both,
      intended(['a.1'], sha('c')),
      intended(['a.1'], sha('d')),
      landed('a.1', sha('d')),
    );
    expect(state.queue.intents).toEqual([]);
  });
});

describe('the queue', () => {
  it('queues a branch once, and branches that are no attempts too', () => {
    const own = event({
      type: 'branch_queued',
      ticket: 'feature/x',
      branch: 'feature/x',
      head: sha('b'),
      priority: 1,
    });
    const ownLanded = event({
      type: 'branch_landed',
      ticket: 'feature/x',
      branch: 'feature/x',
      head: sha('b'),
      commit: sha('e'),
      main: sha('e'),
    });
    const state = fold(...PREFIX, ...untilQueued('a.1'), own, queued('a.1'));
    expect(state.queue.tickets).toEqual(['feature/x', 'a.1']);
    const after = fold(...PREFIX, own, ownLanded);
    expect(after.queue.tickets).toEqual([]);
    expect(after.main).toBe(sha('e'));
    expect(after.landings).toEqual([{ ticket: 'feature/x', commit: sha('e'), atMs: 4000, resolved: [] }]);
  });

  it('counts gate runs and failures, and remembers why it stopped', () => {
    const stopped = event({ type: 'queue_stopped', code: 'PUSH_REFUSED', message: 'no right' });
    const gates = [
      gateStarted(['a.1']),
      gateFinished(['a.1'], 'fail'),
      gateStarted(['a.1']),
      gateFinished(['a.1'], 'could_not_run'),
      gateStarted(['a.1']),
    ];
    const state = fold(...PREFIX, ...untilQueued('a.1'), ...gates, stopped);
    expect(state.queue).toMatchObject({
      gateRuns: 3,
      gateFailures: 2,
      gating: [],
      stopped: { code: 'PUSH_REFUSED', message: 'no right' },
    });
  });
});

describe('planning', () => {
  it('adds tasks, keeps the scratchpad and counts failures in a row', () => {
    const startedPlanning = event({ type: 'planning_started', round: 2, reason: 'a landed' });
    const failure = event({ type: 'planning_failed', round: 2, message: 'not JSON', problem: 'answer' });
    expect(fold(...PREFIX, startedPlanning).planning).toMatchObject({ round: 2, active: true });
    expect(fold(...PREFIX, startedPlanning, failure).planning).toMatchObject({
      active: false,
      failures: 1,
    });
    expect(fold(...PREFIX, startedPlanning, failure, failure).planning).toMatchObject({
      active: false,
      failures: 2,
    });
    const done = planned([task('c')], { round: 2, specMet: true, heardSeq: 9, scratchpad: 'all done' });
    const state = fold(...PREFIX, startedPlanning, failure, done);
    expect(state.planning).toEqual({
      round: 2,
      active: false,
      failures: 0,
      emptyRounds: 0,
      specMet: true,
      heardSeq: 9,
      scratchpad: 'all done',
      lastFailure: { problem: 'answer', message: 'not JSON' },
    });
    expect([...state.tasks.keys()]).toEqual(['a', 'b', 'c']);
  });

  it('counts rounds in a row that gave nothing, until a task, the end or a resume', () => {
    const empty = planned([]);
    const emptyRounds = (...more: RunEvent[]) => fold(...PREFIX, ...more).planning.emptyRounds;
    expect(emptyRounds(empty)).toBe(1);
    expect(emptyRounds(empty, empty)).toBe(2);
    expect(emptyRounds(empty, planned([task('c')]))).toBe(0);
    expect(emptyRounds(empty, planned([], { specMet: true }))).toBe(0);
    expect(emptyRounds(empty, resumed())).toBe(0);
  });
});

describe('stop and resume', () => {
  it('ends with an outcome and counts activity up to it', () => {
    const state = fold(...PREFIX, stopping(), finished('interrupted'));
    expect(state).toMatchObject({
      finished: { outcome: 'interrupted', reason: 'because', main: sha('f') },
      stopping: 'Ctrl-C',
      activeMs: 3000,
    });
    expect(state.activeSinceMs).toBeUndefined();
  });

  it('goes on after a stop, with nothing of it left, not counting the pause', () => {
    const before = recordsOf([...PREFIX, stopping(), finished('interrupted')]);
    const state = foldRecords([
      ...before,
      { seq: 5, atMs: 100_000, event: resumed() },
      { seq: 6, atMs: 101_000, event: modelCalled('planner') },
    ]);
    expect(state.finished).toBeUndefined();
    expect(state.stopping).toBeUndefined();
    expect(state).toMatchObject({ resumes: 1, pid: 200, activeMs: 3000, activeSinceMs: 100_000 });
    expect(state.endpoints).toMatchObject([{ model: 'n' }]);
  });

  it('goes on after a crash: attempts and intents are as they were, running gates and planning are not', () => {
    const startedPlanning = event({ type: 'planning_started', round: 2, reason: 'more' });
    const stopped = event({ type: 'queue_stopped', code: 'X', message: 'x' });
    const before = recordsOf([
      ...PREFIX,
      startedPlanning,
      ...untilQueued('a.1'),
      dispatched('b.1'),
      intended(['a.1']),
      stopped,
      gateStarted(['a.1']),
    ]);
    const state = foldRecords([...before, { seq: 99, atMs: 1_000_000, event: resumed() }]);
    expect(state.queue).toMatchObject({ tickets: ['a.1'], gating: [], intents: [{ tickets: ['a.1'] }] });
    expect(state.queue.stopped).toBeUndefined();
    expect(state.planning).toMatchObject({ round: 2, active: false });
    expect(attempt(state, 'b.1')?.status).toBe('dispatched');
    expect(state.activeMs).toBe(10_000);
  });
});

describe('foldRecords', () => {
  const history = [
    ...PREFIX,
    ...untilQueued('a.1'),
    gateStarted(['a.1']),
    gateFinished(['a.1'], 'pass'),
    intended(['a.1']),
    landed('a.1'),
    event({ type: 'notice_raised', level: 'warning', message: 'dirty tree' }),
    event({ type: 'feature_status_landed', commit: sha('e') }),
    modelCalled('worker'),
    finished(),
  ];

  it('gives the same state when folded in two parts, wherever it is cut', () => {
    const records = recordsOf(history);
    fc.assert(
      fc.property(fc.nat(records.length), (cut) => {
        const middle = foldRecords(records.slice(0, cut));
        expect(foldRecords(records.slice(cut), middle)).toEqual(foldRecords(records));
      }),
    );
  });

  it('never changes a state it was given', () => {
    const records = recordsOf(history);
    let state = INITIAL_RUN_STATE;
    for (const record of records) {
      const before = structuredClone(state);
      const next = applyRecord(state, record);
      expect(state).toEqual(before);
      state = next;
    }
    expect(state).toMatchObject({
      lastSeq: records.length,
      lastAtMs: records.length * 1000,
      featureStatusCommit: sha('e'),
      notices: [{ level: 'warning', message: 'dirty tree' }],
    });
  });

  it('ignores facts about attempts and tasks nobody announced', () => {
    const strange = [handedOff('x.1'), landed('x.1'), conflicted('y.1'), attemptStarted('z.1')];
    const state = fold(started(), ...strange, event({ type: 'task_failed', taskId: 'q', reason: 'r' }));
    expect([state.attempts.size, state.tasks.size]).toEqual([0, 0]);
  });
});
