import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitToWidth, padToWidth, toTerminalLine, widthOf } from './terminal-text.ts';

describe('toTerminalLine', () => {
  it('lets no text of a model move the cursor, colour the terminal or reorder what is read', () => {
    expect(toTerminalLine('a\u001b[2Jb\r\nc\u202etxt\u0007')).toBe('a [2Jb ctxt ');
  });

  it('keeps no control character of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(toTerminalLine(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('fitToWidth', () => {
  it('counts wide characters as two columns', () => {
    expect([widthOf('漢字'), fitToWidth('漢字漢字', 5), padToWidth('漢', 4)]).toEqual([4, '漢字…', '漢  ']);
  });

  it('never exceeds the width given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
        expect(widthOf(fitToWidth(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
