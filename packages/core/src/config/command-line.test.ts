import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandLineSchema, splitCommandLine } from './command-line.ts';

const QUOTINGS: readonly ((word: string) => string)[] = [
  (word) => `'${word.replaceAll("'", `'\\''`)}'`,
  (word) => `"${word.replaceAll(/["\\$`]/g, '\\$&')}"`,
  (word) => (word === '' ? `''` : word.replaceAll(/[^]/gu, '\\$&')),
];
const word = fc.string({ unit: fc.constantFrom(...Array.from(`ab -'"\\$\`|&;<>()*?~#{}=\n\té`)) });

describe('splitCommandLine', () => {
  it.each([
    ['codex exec -', ['codex', 'exec', '-']],
    ['  a\t b  ', ['a', 'b']],
    [`aider --message-file {prompt_file}`, ['aider', '--message-file', '{prompt_file}']],
    [`a 'b c' "d e" f\\ g`, ['a', 'b c', 'd e', 'f g']],
    [`a '' ""`, ['a', '', '']],
    [`pre'fix'"ed"`, ['prefixed']],
    [`a "C:\\dir" '\\n'`, ['a', 'C:\\dir', '\\n']],
    ['a *.ts ~ #x\nb', ['a', '*.ts', '~', '#x', 'b']],
    ['', []],
  ])('%j is %j', (line, words) => expect(splitCommandLine(line)).toEqual({ ok: true, words }));

  it.each([
    [`a 'b`, 'single quote'],
    [`a "b`, 'double quote'],
    ['a \\', 'backslash'],
    ['a | tee log', '"|"'],
    ['a > log', '">"'],
    ['a && b', '"&"'],
    ['a $HOME', '"$"'],
    ['a "$HOME"', '"$"'],
    ['a `b`', '"`"'],
  ])('refuses %j', (line, problem) =>
    expect(splitCommandLine(line)).toEqual({
      ok: false,
      problem: expect.stringContaining(problem) as string,
    }),
  );

  it('gives back whatever was quoted, in each way of quoting', () => {
    const quoted = fc.tuple(word, fc.constantFrom(...QUOTINGS));
    fc.assert(
      fc.property(fc.array(quoted), (words) => {
        const line = words.map(([text, quote]) => quote(text)).join(' ');
        expect(splitCommandLine(line)).toEqual({ ok: true, words: words.map(([text]) => text) });
      }),
    );
  });
});

describe('CommandLineSchema', () => {
  it.each([
    ['my-agent --yes', ['my-agent', '--yes']],
    ['["my agent", "$x", ""]', ['my agent', '$x', '']],
    [
      ['my agent', ''],
      ['my agent', ''],
    ],
  ])('takes %j', (given, command) => expect(CommandLineSchema.parse(given)).toEqual(command));

  it.each([
    [' ', 'names no program'],
    ['""', 'names no program'],
    ['[]', 'names no program'],
    [[''], 'names no program'],
    ['["a", 1]', 'something else than texts'],
    ['["a"', 'begins like a JSON list'],
    ['a\0b', 'NUL'],
    ['KEY=1 agent', 'use the program env'],
    [`a 'b`, 'single quote'],
  ])('refuses %j', (given, problem) =>
    expect(CommandLineSchema.safeParse(given).error?.issues).toEqual([
      expect.objectContaining({ message: expect.stringContaining(problem) as string }),
    ]),
  );
});
