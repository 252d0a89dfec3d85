import { expect, it } from 'vitest';
import { selectOutputMode } from './run-view.ts';

const TERMINAL = { isTTY: true, term: 'xterm' };

it('is live only on a terminal that can redraw, and only when nothing else is asked for', () => {
  expect(selectOutputMode({}, TERMINAL)).toBe('live');
  expect(selectOutputMode({}, { isTTY: true, term: 'dumb' })).toBe('plain');
  expect(selectOutputMode({}, { isTTY: false, term: 'xterm' })).toBe('plain');
  expect(selectOutputMode({ plain: true }, TERMINAL)).toBe('plain');
  expect(selectOutputMode({ json: true }, TERMINAL)).toBe('json');
  expect(selectOutputMode({ events: true }, TERMINAL)).toBe('events');
});
