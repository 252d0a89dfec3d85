import { expect, it } from 'vitest';
import { hasConflictMarkers } from './conflict-markers.ts';

it.each(['a\n<<<<<<< HEAD\n', '>>>>>>> branch', '||||||| base\nx', '<<<<<<<\r\n'])(
  'finds one in %j',
  (text) => {
    expect(hasConflictMarkers(text)).toBe(true);
  },
);

it.each(['Title\n=======\n', ' <<<<<<< quoted', '<<<<<<<< eight', 'a <<<<<<< b', ''])(
  'finds none in %j',
  (text) => {
    expect(hasConflictMarkers(text)).toBe(false);
  },
);
