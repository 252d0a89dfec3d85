import fc from 'fast-check';
import {
  applyRecord,
  attemptIdOf,
  BranchNameSchema,
  CommitShaSchema,
  INITIAL_RUN_STATE,
  scopePathsOverlap,
  TaskSchema,
  type RunEvent,
  type RunState,
  type Task,
} from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { isPending, isRunning } from '../scheduler/attempt-count.ts';
import { nextActions, type Action, type RunLimits } from './next-actions.ts';

const LIMITS: RunLimits = { maxWorkers: 3, maxAttempts: 2, maxPlanningRounds: 20, shared: ['package.json'] };
const SHA = CommitShaSchema.parse('a'.repeat(40));
const BRANCH = BranchNameSchema.parse('worker/x');
const NO_MONEY = { unit: 'usd', limit: 5, spent: 5, reserved: 0, needed: 6, message: 'no money' } as const;

const task = (id: string, change: Partial<Record<keyof Task, unknown>> = {}): Task =>
  TaskSchema.parse({ id, description: 'd', scope: [`src/${id}.ts`], acceptance: ['a'], ...change });

type Fate = 'land' | 'eject' | 'conflict' | 'fail' | 'abandon' | 'model';

/** A run driven by appended events alone. */
class Simulation {
  state: RunState = INITIAL_RUN_STATE;

  append(...events: RunEvent[]): this {
    for (const event of events) {
      const seq = this.state.lastSeq + 1;
      this.state = applyRecord(this.state, { seq, atMs: seq, event });
    }
    return this;
  }

  plan(tasks: Task[], specMet = false): this {
    const round = this.state.planning.round + 1;
    return this.append(
      { type: 'planning_started', round, reason: 'test' },
      {
        type: 'planning_completed',
        round,
        tasks,
        scratchpad: '',
        specMet,
        durationMs: 1,
        heardSeq: this.state.lastSeq,
      },
    );
  }

  dispatch(chosen: Task): this {
    const number = (this.state.tasks.get(chosen.id)?.attempts.length ?? 0) + 1;
    const attemptId = attemptIdOf(chosen.id, number);
    return this.append({
      type: 'attempt_dispatched',
      taskId: chosen.id,
      attemptId,
      number,
      branch: BRANCH,
      base: SHA,
    });
  }

  end(attemptId: ReturnType<typeof attemptIdOf>, outcome: Fate): this {
    const taskId = this.state.attempts.get(attemptId)!.taskId;
    if (outcome === 'abandon')
      return this.append({ type: 'attempt_abandoned', taskId, attemptId, reason: 'r' });
    if (outcome === 'fail')
      return this.append({ type: 'attempt_failed', taskId, attemptId, reason: 'worker_died', message: 'm' });
    if (outcome === 'model')
      return this.append({ type: 'attempt_failed', taskId, attemptId, reason: 'model_failed', message: 'm' });
    this.append({ type: 'branch_queued', ticket: attemptId, branch: BRANCH, head: SHA, priority: 1 });
    const common = { ticket: attemptId, branch: BRANCH, main: SHA };
    if (outcome === 'land') return this.append({ type: 'branch_landed', ...common, head: SHA, commit: SHA });
    if (outcome === 'conflict') return this.append({ type: 'branch_conflicted', ...common, files: ['x'] });
    return this.append({
      type: 'branch_ejected',
      ...common,
      failure: { command: 'c', exitCode: 1, outputTail: '' },
    });
  }

  actions(): Action[] {
    return nextActions(this.state, LIMITS);
  }
}

const types = (actions: readonly Action[]) => actions.map((action) => action.type);

describe('nextActions', () => {
  it('plans first, then dispatches by priority without overlapping scopes', () => {
    const run = new Simulation();
    expect(types(run.actions())).toEqual(['plan']);
    run.plan([
      task('late', { priority: 9 }),
      task('first', { priority: 1 }),
      task('same-file', { priority: 1, scope: ['src/first.ts'] }),
      task('manifest', { scope: ['src/manifest.ts', 'package.json'] }),
      task('manifest-too', { scope: ['src/manifest-too.ts', 'package.json'] }),
    ]);
    expect(run.actions()).toMatchObject([
      { type: 'dispatch', task: { id: 'first' } },
      { type: 'dispatch', task: { id: 'manifest' } },
      { type: 'dispatch', task: { id: 'manifest-too' } },
    ]);
  });

  it('waits for dependencies to land, not to be handed off', () => {
    const run = new Simulation().plan([task('a'), task('b', { dependsOn: ['a'] })]);
    run.dispatch(run.state.tasks.get(task('a').id)!.task);
    run.append({ type: 'branch_queued', ticket: 'a.1', branch: BRANCH, head: SHA, priority: 1 });
    expect(run.actions()).toEqual([]);
    run.end(attemptIdOf(task('a').id, 1), 'land');
    expect(run.actions()).toMatchObject([{ type: 'dispatch', task: { id: 'b' } }]);
  });

  it('gives a task up when its attempts are used up, and cancels what depends on it', () => {
    const a = task('a');
    const run = new Simulation().plan([a, task('b', { dependsOn: ['a'] })]);
    run.dispatch(a).end(attemptIdOf(a.id, 1), 'fail').dispatch(a).end(attemptIdOf(a.id, 2), 'eject');
    const [giveUp] = run.actions();
    expect(giveUp).toMatchObject({ type: 'give_up', taskId: 'a' });
    run.append({ type: 'task_failed', taskId: a.id, reason: 'r' });
    expect(run.actions()).toMatchObject([{ type: 'cancel', taskId: 'b' }]);
  });

  it('does not count attempts we ended ourselves or the endpoint failed, and pauses when it keeps failing', () => {
    const a = task('a');
    const run = new Simulation().plan([a]);
    run.dispatch(a).end(attemptIdOf(a.id, 1), 'abandon').dispatch(a).end(attemptIdOf(a.id, 2), 'model');
    expect(types(run.actions())).toEqual(['dispatch']);
    run.dispatch(a).end(attemptIdOf(a.id, 3), 'model').dispatch(a).end(attemptIdOf(a.id, 4), 'model');
    expect(run.actions()).toMatchObject([{ type: 'finish', outcome: 'paused' }]);
  });

  it('meets the goal only when the planner says so and nothing is pending', () => {
    const a = task('a');
    const run = new Simulation().plan([a]).dispatch(a).end(attemptIdOf(a.id, 1), 'land');
    expect(types(run.actions())).toEqual(['plan']);
    run.plan([], true);
    expect(run.actions()).toMatchObject([{ type: 'finish', outcome: 'goal_met' }]);
  });

  it('an empty answer with nothing running does not end the run at once, but after three', () => {
    const run = new Simulation().plan([]);
    expect(types(run.actions())).toEqual(['plan']);
    run.plan([]).plan([]);
    expect(run.actions()).toMatchObject([{ type: 'finish', outcome: 'not_met' }]);
  });

  it('does not count answers given while others still ran', () => {
    const a = task('a');
    const run = new Simulation().plan([a]).dispatch(a).plan([]).plan([]).plan([]);
    run.end(attemptIdOf(a.id, 1), 'land');
    expect(types(run.actions())).toEqual(['plan']);
  });

  it('stops at once when the queue stopped', () => {
    const a = task('a');
    const run = new Simulation().plan([a]).dispatch(a);
    run.append({ type: 'queue_stopped', code: 'PUSH_REFUSED', message: 'm' });
    expect(run.actions()).toMatchObject([{ type: 'finish', outcome: 'not_met', reason: 'PUSH_REFUSED: m' }]);
  });

  it('pauses when the budget is used up, once what was handed in has landed, and goes on when it is raised', () => {
    const [a, b] = [task('a'), task('b')];
    const run = new Simulation()
      .plan([a, b, task('c')])
      .dispatch(a)
      .dispatch(b);
    run.append({ type: 'branch_queued', ticket: 'a.1', branch: BRANCH, head: SHA, priority: 1 });
    run.append({ type: 'budget_exhausted', ...NO_MONEY, scope: 'run' });
    expect(run.actions()).toEqual([]);
    run.end(attemptIdOf(b.id, 1), 'abandon');
    expect(run.actions()).toEqual([]);
    run.end(attemptIdOf(a.id, 1), 'land');
    const paused = [{ type: 'finish', outcome: 'paused', reason: 'no money' }];
    expect(run.actions()).toEqual(paused);
    run.append({ type: 'run_finished', outcome: 'paused', reason: 'no money', main: SHA });
    run.append({ type: 'run_resumed', process: { pid: 1, version: '1' }, endpoints: [] });
    expect(run.actions()).toEqual(paused);
    run.append({ type: 'budget_policy_set', policy: { run: { usd: 7.5 } } });
    expect(types(run.actions())).toEqual(['dispatch', 'dispatch']);
  });

  it('gives up a task whose own budget is used up, and counts an attempt without money like any failure', () => {
    const [a, b] = [task('a'), task('b')];
    const run = new Simulation().plan([a, b]).dispatch(a).dispatch(b);
    for (const [{ id: taskId }, scope] of [
      [a, 'task'],
      [b, 'attempt'],
    ] as const) {
      const of = { taskId, attemptId: attemptIdOf(taskId, 1) };
      run.append({ type: 'budget_exhausted', ...NO_MONEY, scope, ...of });
      run.append({ type: 'attempt_failed', ...of, reason: 'budget', message: 'no money' });
    }
    expect(run.actions()).toEqual([{ type: 'give_up', taskId: 'a', reason: 'no money' }]);
    run.append({ type: 'task_failed', taskId: a.id, reason: 'no money' });
    expect(run.actions()).toMatchObject([{ type: 'dispatch', task: { id: 'b' } }]);
    run.dispatch(b).end(attemptIdOf(b.id, 2), 'fail');
    expect(run.actions()).toMatchObject([{ type: 'give_up', taskId: 'b' }]);
  });

  it.each(['budget', 'model_wait'] as const)('pauses at once when the planner fails for %s', (problem) => {
    const run = new Simulation();
    // More often than there are rounds: one that no model was there for does not count.
    for (let pauses = 0; pauses <= LIMITS.maxPlanningRounds; pauses += 1) {
      const round = run.state.planning.round + 1;
      run.append({ type: 'planning_started', round, reason: 'r' });
      run.append({ type: 'planning_failed', round, problem, message: 'waiting for model m' });
      expect(run.actions()).toEqual([{ type: 'finish', outcome: 'paused', reason: 'waiting for model m' }]);
      run.append({ type: 'run_resumed', process: { pid: 1, version: '1' }, endpoints: [] });
      expect(types(run.actions())).toEqual(['plan']);
    }
  });

  it('any order of outcomes ends the run legally', () => {
    const outcomes = fc.constantFrom<Fate>(
      'land',
      'land',
      'land',
      'eject',
      'conflict',
      'fail',
      'abandon',
      'model',
    );
    const plans = fc.array(
      fc.record({
        scope: fc.subarray(['a', 'b', 'c', 'd/', 'd/x'], { minLength: 1 }),
        dependencies: fc.array(fc.nat(9)),
        priority: fc.integer({ min: 1, max: 10 }),
      }),
      { minLength: 1, maxLength: 10 },
    );
    fc.assert(
      fc.property(
        plans,
        fc.array(fc.tuple(outcomes, fc.nat()), { minLength: 60, maxLength: 60 }),
        (specs, fates) => {
          const tasks = specs.map((spec, index) =>
            task(`t${index}`, {
              scope: spec.scope,
              priority: spec.priority,
              dependsOn: [
                ...new Set(spec.dependencies.filter((other) => other < index).map((other) => `t${other}`)),
              ],
            }),
          );
          runToEnd(new Simulation().plan(tasks), [...fates]);
        },
      ),
      { numRuns: process.env['TEST_DEEP'] ? 3000 : 150 },
    );
  });
});

/** Performs every action and gives running attempts the fates in turn; asserts the rules at each step. */
function runToEnd(run: Simulation, fates: [Fate, number][]): void {
  for (let step = 0; step < 1000; step++) {
    const actions = run.actions();
    const finish = actions.find((action) => action.type === 'finish');
    if (finish !== undefined) {
      expect([...run.state.attempts.values()].filter(isPending)).toEqual([]);
      return;
    }
    for (const action of actions) perform(run, action);
    assertLegal(run.state);
    if (actions.length > 0) continue;
    const running = [...run.state.attempts.values()].filter(isRunning);
    expect(running, 'the run waits although nothing runs').not.toEqual([]);
    const [fate, index] = fates.shift() ?? ['land', 0];
    run.end(running[index % running.length]!.id, fate);
  }
  expect.fail('the run does not end');
}

function perform(run: Simulation, action: Action): void {
  if (action.type === 'dispatch') {
    expect(action.task.dependsOn.every((id) => run.state.tasks.get(id)?.status === 'landed')).toBe(true);
    run.dispatch(action.task);
  } else if (action.type === 'give_up')
    run.append({ type: 'task_failed', taskId: action.taskId, reason: action.reason });
  else if (action.type === 'cancel')
    run.append({ type: 'task_cancelled', taskId: action.taskId, reason: action.reason });
  else if (action.type === 'plan') {
    const allLanded = [...run.state.tasks.values()].every((known) => known.status === 'landed');
    run.plan([], allLanded);
  }
}

function assertLegal(state: RunState): void {
  const running = [...state.attempts.values()].filter(isPending);
  expect(running.filter(isRunning).length).toBeLessThanOrEqual(LIMITS.maxWorkers);
  const held = running.map((attempt) => state.tasks.get(attempt.taskId)!.task.scope);
  held.forEach((scope, index) => {
    for (const other of held.slice(index + 1)) {
      expect(scope.some((path) => other.some((otherPath) => scopePathsOverlap(path, otherPath)))).toBe(false);
    }
  });
}
