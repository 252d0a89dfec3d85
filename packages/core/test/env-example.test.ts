import { resolveConfig, SETTINGS } from '@agentswarm/core';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const text = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
const lines = text.split('\n');
const entries = lines.flatMap((line, index) => {
  const [, name, value] = /^# ([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
  return name === undefined ? [] : [{ name, value: value ?? '', note: lines[index - 1] ?? '' }];
});

it('lists every setting once, in the order of the table', () => {
  expect(entries.map((entry) => entry.name)).toEqual(SETTINGS.map((setting) => setting.env));
});

it('sets nothing by itself', () => {
  expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
});

it.each(SETTINGS)('shows default, purpose and accepted form of $env', (setting) => {
  const entry = entries.find(({ name }) => name === setting.env);
  const value = resolveConfig([])[setting.key];
  const shown = value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  expect(entry?.value).toBe(shown);
  expect(entry?.note).toMatch(/^# \S.*\. Accepts: .+\.$/);
  expect(entry?.note).toContain(`Accepts: ${setting.accepts}.`);
});

it('means the defaults when every line is set as shown', () => {
  const environment = Object.fromEntries(entries.map(({ name, value }) => [name, value]));
  expect(resolveConfig([{ origin: '.env', kind: 'text', entries: environment }])).toEqual(resolveConfig([]));
});
