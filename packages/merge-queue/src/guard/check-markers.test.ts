import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasMarkers } from './check-markers.ts';

const line = fc.constantFrom(
  '<<<<<<< a',
  '=======',
  '>>>>>>> b',
  '||||||| c',
  '======',
  '<<<<<<<',
  'text',
  '',
);

it('finds the three markers in this order, and nothing less', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
      const opens = lines.indexOf('<<<<<<< a');
      const parts = opens === -1 ? -1 : lines.indexOf('=======', opens);
      const isMarked = parts !== -1 && lines.includes('>>>>>>> b', parts);
      expect(hasMarkers(Buffer.from(lines.join(end)))).toBe(isMarked);
    }),
    { numRuns: 500 },
  );
});

it('reads a hostile file once', () => {
  const opened = '<<<<<<< a\n'.repeat(500_000);
  expect(hasMarkers(Buffer.from(opened))).toBe(false);
  expect(hasMarkers(Buffer.from(`${opened}=======\n${opened}>>>>>>> b`))).toBe(true);
});
