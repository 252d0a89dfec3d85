import { createRedactor, Secret } from '@agentswarm/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactPieces, redactRequestBody } from './redact-exchange.ts';

const KEY = 'sk-"canary"/7f3e';
const redact = createRedactor([new Secret(KEY)]);
const numRuns = process.env['TEST_DEEP'] === undefined ? 300 : 5_000;

/** Cuts a text at the given places, which may fall inside anything. */
function cutAt(text: string, places: readonly number[]): string[] {
  const edges = [
    0,
    ...places.map((place) => place % (text.length + 1)).toSorted((a, b) => a - b),
    text.length,
  ];
  return edges.slice(1).map((end, index) => text.slice(edges[index], end));
}

const event = (content: string, extra: object = {}) =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content, ...extra } }] })}\n\n`;
const contentsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)).choices[0].delta.content as string)
    .join('');

const places = fc.array(fc.nat(), { maxLength: 12 });
const words = fc.array(fc.constantFrom('word ', 'ä🌍', KEY, 'sk-', '***'), { maxLength: 8 });

describe('redactPieces', () => {
  it('finds a secret over any chunks and any deltas, and keeps the rest', () => {
    fc.assert(
      fc.property(words, places, places, (parts, deltaPlaces, chunkPlaces) => {
        const said = parts.join('');
        const stream =
          cutAt(said, deltaPlaces)
            .map((content) => event(content))
            .join('') + 'data: [DONE]\n\n';
        const pieces = redactPieces(cutAt(stream, chunkPlaces), redact);
        expect(contentsOf(pieces.join(''))).toBe(said.replaceAll(KEY, '***'));
        expect(pieces.join('')).not.toContain(JSON.stringify(KEY).slice(1, -1));
        expect(pieces.join('').endsWith('data: [DONE]\n\n')).toBe(true);
      }),
      { numRuns },
    );
  });

  it('changes no byte and no cut of an answer without a secret', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('word ', 'ä🌍', 'sk-')), places, (parts, chunkPlaces) => {
        const pieces = cutAt(parts.map((part) => event(part)).join(''), chunkPlaces);
        expect(redactPieces(pieces, redact)).toEqual(pieces);
      }),
      { numRuns },
    );
  });

  it('tells choices and tool calls apart', () => {
    const call = (index: number, args: string) =>
      event('', { tool_calls: [{ index, function: { arguments: args } }] });
    const [half, rest] = [KEY.slice(0, 8), KEY.slice(8)];
    const interleaved = [call(0, half), call(1, 'other'), call(0, rest)];
    const text = redactPieces(interleaved, redact).join('');
    expect(text).toContain('***');
    expect(text).toContain('other');
    expect(text).not.toContain(rest);
    const apart = [call(0, half), call(1, rest)];
    expect(redactPieces(apart, redact)).toEqual(apart);
  });

  it('looks behind escapes of a whole answer', () => {
    const escaped = Array.from(KEY, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
    const body = `{"choices":[{"message":{"content":"a ${escaped.join('')} b"}}]}`;
    expect(redactPieces([body], redact).join('')).toBe('{"choices":[{"message":{"content":"a *** b"}}]}');
  });
});

describe('redactRequestBody', () => {
  it('redacts keys, values and what is no JSON', () => {
    const body = JSON.stringify({ [KEY]: [KEY, { a: `x${KEY}y` }], n: 1 });
    expect(redactRequestBody(body, redact)).toEqual({ '***': ['***', { a: 'x***y' }], n: 1 });
    expect(redactRequestBody(`{ ${KEY}`, redact)).toBe('{ ***');
    expect(redactRequestBody('', redact)).toBeNull();
  });

  it('rather keeps a text than a secret of digits', () => {
    const digits = createRedactor([new Secret('123456789')]);
    expect(redactRequestBody('{"n":1234567890}', digits)).toBe('{"n":***0}');
  });
});
