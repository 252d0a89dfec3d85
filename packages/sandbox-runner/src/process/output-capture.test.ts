import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OutputCapture } from './output-capture.ts';

it('keeps everything up to the limit, else head and tail, whatever the chunks', () => {
  const run = fc.property(
    fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n') }), { maxLength: 30 }),
    fc.integer({ min: 2, max: 40 }),
    (chunks, maxBytes) => {
      const capture = new OutputCapture(maxBytes);
      for (const chunk of chunks) capture.add(Buffer.from(chunk));
      const whole = chunks.join('');
      if (whole.length <= maxBytes) {
        expect(capture.text()).toBe(whole);
        return;
      }
      const head = whole.slice(0, Math.ceil(maxBytes / 2));
      const tail = whole.slice(whole.length - Math.floor(maxBytes / 2));
      const omitted = whole.length - head.length - tail.length;
      expect(capture.text()).toBe(`${head}\n[… ${omitted} bytes omitted …]\n${tail}`);
    },
  );
  fc.assert(run);
});
