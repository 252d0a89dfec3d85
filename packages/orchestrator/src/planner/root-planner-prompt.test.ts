import { readFileSync } from 'node:fs';
import { TaskSchema } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { createPlanSchema } from './plan-schema.ts';

const root = new URL('../../../../', import.meta.url);
const prompt = readFileSync(new URL('prompts/root-planner.md', root), 'utf8');
const readme = readFileSync(new URL('packages/orchestrator/README.md', root), 'utf8');

/** The answer the prompt shows. */
function shownAnswer(): { tasks: Record<string, unknown>[] } & Record<string, unknown> {
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(prompt) ?? [];
  return JSON.parse(json) as ReturnType<typeof shownAnswer>;
}

describe('prompts/root-planner.md', () => {
  it('says who the model is', () => {
    expect(prompt).toMatch(/^You are the planner of AgentSwarm\./);
  });

  it('shows an answer with exactly the fields that are accepted', () => {
    const answer = shownAnswer();
    expect(Object.keys(answer)).toEqual(['scratchpad', 'tasks', 'specMet']);
    expect(Object.keys(answer.tasks[0] ?? {}).toSorted()).toEqual(Object.keys(TaskSchema.shape).toSorted());
  });

  it('holds no id a model could copy: what it shows is not accepted as it stands', () => {
    const schema = createPlanSchema({
      knownTasks: [],
      features: [],
      landedFeatures: new Set(),
      forbidden: [],
    });
    const parsed = schema.safeParse(shownAnswer());
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toContain('tasks.0.id');
    expect(prompt).not.toMatch(/\b(?:task|fix|feature)-\d+/);
  });

  it('has a row in the README for every rule, saying what enforces it', () => {
    const rules = [...prompt.matchAll(/^(\d+)\. /gm)].map(([, number]) => number);
    const rows = [...readme.matchAll(/^\| (\d+) +\|/gm)].map(([, number]) => number);
    expect(rules.length).toBeGreaterThan(5);
    expect(rows).toEqual(rules);
  });
});
