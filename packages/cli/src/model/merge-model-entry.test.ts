import { parseModelFile, type ModelEntry } from '@agentswarm/llm-client';
import { expect, it } from 'vitest';
import { mergeModelEntry } from './merge-model-entry.ts';

const entry = (model: ModelEntry['model'], contextWindow: number): ModelEntry => ({
  ...{ model, contextWindow, toolCalls: 'native', source: 'a test' },
  thinking: { mode: 'none' },
});
const fileOf = (...models: readonly ModelEntry[]) => JSON.stringify({ models });
const merged = (text: string | undefined, added: ModelEntry) =>
  parseModelFile(mergeModelEntry(text, added, 'test'), 'test').map(({ model, contextWindow }) => [
    model,
    contextWindow,
  ]);

it('begins a file', () => {
  expect(merged(undefined, entry('a', 1))).toEqual([['a', 1]]);
});

it('puts the entry first and keeps all others', () => {
  const file = fileOf(entry('a*', 1), entry('a', 2), entry(['b', 'a'], 3), entry(['a'], 4), entry('c', 5));
  expect(merged(file, entry('a', 9))).toEqual([
    ['a', 9],
    ['a*', 1],
    [['b'], 3],
    ['c', 5],
  ]);
});

it('touches no file that is none, and makes none', () => {
  expect(() => mergeModelEntry('{"models": {}}', entry('a', 1), 'mine.json')).toThrow(
    /mine\.json is invalid/,
  );
  expect(() => mergeModelEntry(undefined, entry('a', -1), 'mine.json')).toThrow(/contextWindow/);
});
