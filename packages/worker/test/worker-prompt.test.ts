import { readFileSync } from 'node:fs';
import { AgentReportSchema, TaskIdSchema } from '@agentswarm/core';
import { expect, test } from 'vitest';

const prompt = readFileSync(new URL('../../../prompts/worker.md', import.meta.url), 'utf8');
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const blocks = [...prompt.matchAll(/```json\n([\s\S]*?)```/g)].map(
  (match) => JSON.parse(match[1] ?? '') as Record<string, unknown>,
);

test('says whose worker it is on a line of its own', () => {
  expect(prompt.split('\n')).toContain('You are a worker of AgentSwarm.');
});

test('shows exactly the schema that submit_handoff checks', () => {
  const { $schema: _dialect, ...schema } = AgentReportSchema.toJSONSchema({ io: 'input' });
  expect(blocks[0]).toEqual(schema);
});

test('has only examples that the schema accepts', () => {
  const examples = blocks.slice(1);
  expect(examples).toHaveLength(2);
  for (const example of examples) expect(AgentReportSchema.safeParse(example).error).toBeUndefined();
});

test('has no example with an id a model could copy', () => {
  const words = JSON.stringify(blocks.slice(1)).split(/[^A-Za-z0-9-]+/);
  const ids = words.filter((word) => word.includes('-') && TaskIdSchema.safeParse(word).success);
  expect(ids).toEqual([]);
  expect(prompt).not.toMatch(/\b(?:task|fix|worker)-\d+/);
});

test('has every rule in the table of the README that says what enforces it', () => {
  const rules = section(prompt, '## Rules')
    .split('\n')
    .filter((line) => line.startsWith('- '))
    .map((line) => line.slice(2).split(/[.:]/, 1)[0] ?? '');
  expect(rules.length).toBeGreaterThan(5);
  const rows = section(readme, '## The rules of the prompt')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) => line.split('|')[1]?.trim());
  expect(rows).toEqual(rules);
});

function section(text: string, heading: string): string {
  const [, after = ''] = text.split(`${heading}\n`);
  return after.split('\n## ', 1)[0] ?? '';
}
