import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recut } from './recut.ts';

const piece = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 4 });

describe('recut', () => {
  it('gives as many pieces, which join to the new text', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '*') }),
        (pieces, text) => {
          const cut = recut(pieces, text);
          expect(cut.join('')).toBe(text);
          expect(cut).toHaveLength(pieces.length);
        },
      ),
    );
  });

  it('keeps pieces when nothing changed', () => {
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(recut(pieces, pieces.join(''))).toEqual(pieces);
      }),
    );
  });

  it('changes only what lies between', () => {
    expect(recut(['one ', 'sec', 'ret', ' two', ' three'], 'one *** two three')).toEqual([
      'one ',
      '***',
      '',
      ' two',
      ' three',
    ]);
  });
});
