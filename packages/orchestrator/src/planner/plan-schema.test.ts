import { FeatureSchema, TaskIdSchema, TaskSchema } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { createPlanSchema, type PlanContext } from './plan-schema.ts';

const feature = (id: string) =>
  FeatureSchema.parse({
    id,
    category: 'c',
    priority: 1,
    description: 'd',
    files: ['a.ts'],
    acceptance: ['x'],
    status: 'planned',
  });

const CONTEXT: PlanContext = {
  knownTasks: [TaskSchema.parse({ id: 'known', description: 'd', scope: ['k.ts'], acceptance: ['x'] })],
  features: [feature('alpha'), feature('beta')],
  landedFeatures: new Set([TaskIdSchema.parse('alpha')]),
  forbidden: ['SPEC.md', '.agentswarm/'],
};

const task = (id: string, change: Record<string, unknown> = {}) => ({
  id,
  description: 'd',
  scope: ['a.ts'],
  acceptance: ['x'],
  ...change,
});

function problemsOf(answer: unknown): string[] {
  const parsed = createPlanSchema(CONTEXT).safeParse(answer);
  return parsed.success ? [] : parsed.error.issues.map((issue) => issue.message);
}

describe('createPlanSchema', () => {
  it('accepts a sound plan and fills in defaults', () => {
    const plan = createPlanSchema(CONTEXT).parse({
      scratchpad: '',
      tasks: [task('new', { dependsOn: ['known'] })],
      specMet: false,
    });
    expect(plan.tasks[0]).toMatchObject({ id: 'new', priority: 5, features: [] });
  });

  it.each([
    ['a taken id', [task('known')], 'already taken'],
    ['the same id twice', [task('a'), task('a')], 'a'],
    ['an unknown dependency', [task('a', { dependsOn: ['nowhere'] })], 'nowhere'],
    ['a cycle', [task('a', { dependsOn: ['b'] }), task('b', { dependsOn: ['a'] })], 'cycle'],
    ['an unknown feature', [task('a', { features: ['gamma'] })], 'unknown feature "gamma"'],
    ['a path outside the repository', [task('a', { scope: ['../x'] })], 'inside the repository'],
    ['an absolute path', [task('a', { scope: ['/etc/passwd'] })], 'inside the repository'],
    ['a forbidden path', [task('a', { scope: ['SPEC.md'] })], 'forbidden'],
  ])('refuses %s', (_name, tasks, message) => {
    expect(problemsOf({ scratchpad: '', tasks, specMet: false }).join('\n')).toContain(message);
  });

  it('refuses to call the specification met while a feature has not landed', () => {
    expect(problemsOf({ scratchpad: '', tasks: [], specMet: true }).join()).toContain(
      'have not landed: beta',
    );
  });
});
