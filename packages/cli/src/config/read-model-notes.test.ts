import { expect, it } from 'vitest';
import { parseNotesFile } from './read-model-notes.ts';

it('reads the lines below the name of each model, and leaves words to people', () => {
  const text = [
    'Notes of ours.',
    '[glm-5]',
    'Slow in the evening.',
    'avoid:planner',
    '',
    '[org/qwen3-coder]',
    'max-context:32000',
  ].join('\r\n');
  const notes = parseNotesFile(text);
  expect([...notes.keys()]).toEqual(['glm-5', 'org/qwen3-coder']);
  expect(notes.get('glm-5')).toMatchObject({ avoid: ['planner'] });
  expect(notes.get('org/qwen3-coder')).toMatchObject({ avoid: [], maxContextTokens: 32_000 });
});

it('takes all that is said of a model, in however many places', () => {
  const notes = parseNotesFile('[glm-5]\navoid:planner\nmax-context:9\n[qwen3]\n[ glm-5 ]\nmax-context:8');
  expect(notes.get('glm-5')).toMatchObject({ avoid: ['planner'], maxContextTokens: 8 });
});
