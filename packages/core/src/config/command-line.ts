import { z } from 'zod';

/** What a shell would give a meaning: refused, because no shell reads the line. */
const SHELL_ONLY = /[|&;<>()$`]/;
const SHELL_ONLY_IN_QUOTES = /[$`]/;

type Split =
  { readonly ok: true; readonly words: readonly string[] } | { readonly ok: false; readonly problem: string };

/**
 * Splits a command line into program and arguments, without a shell. Words end at white space. Between single
 * quotes everything stands for itself; between double quotes a backslash before `"`, `\`, `$` or a backtick takes
 * their meaning; elsewhere a backslash takes the meaning of any character. Nothing is expanded: unquoted, what a
 * shell would act on is refused.
 */
export function splitCommandLine(line: string): Split {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== '') {
    let word = '';
    while (rest !== '' && !/^\s/.test(rest)) {
      const piece = readPiece(rest);
      if ('problem' in piece) return { ok: false, problem: piece.problem };
      word += piece.text;
      rest = rest.slice(piece.length);
    }
    words.push(word);
    rest = rest.trimStart();
  }
  return { ok: true, words };
}

type Piece = { readonly text: string; readonly length: number } | { readonly problem: string };

function readPiece(rest: string): Piece {
  const [first = ''] = rest;
  if (first === "'") return readSingleQuoted(rest);
  if (first === '"') return readDoubleQuoted(rest);
  if (first === '\\') {
    return rest.length === 1 ? { problem: 'it ends in a backslash' } : { text: rest.charAt(1), length: 2 };
  }
  return SHELL_ONLY.test(first) ? shellOnly(first) : { text: first, length: first.length };
}

function readSingleQuoted(rest: string): Piece {
  const end = rest.indexOf("'", 1);
  return end === -1
    ? { problem: 'a single quote is not closed' }
    : { text: rest.slice(1, end), length: end + 1 };
}

function readDoubleQuoted(rest: string): Piece {
  let text = '';
  for (let index = 1; index < rest.length; index += 1) {
    const character = rest.charAt(index);
    if (character === '"') return { text, length: index + 1 };
    if (SHELL_ONLY_IN_QUOTES.test(character)) return shellOnly(character);
    const escaped = character === '\\' && /^["\\$`]/.test(rest.slice(index + 1));
    if (escaped) index += 1;
    text += rest.charAt(index);
  }
  return { problem: 'a double quote is not closed' };
}

function shellOnly(character: string): Piece {
  const problem = `"${character}" means something to a shell only, and none reads this: quote it, or name a shell`;
  return { problem };
}

/** A program and its arguments: a JSON list, or one line that {@link splitCommandLine} reads. */
export const CommandLineSchema = z
  .union([z.string(), z.array(z.string())])
  .transform((given, context): [string, ...string[]] => {
    const split = typeof given === 'string' ? readLine(given) : ({ ok: true, words: given } as const);
    const problem = split.ok ? findProblem(split.words) : split.problem;
    const [program = '', ...args] = split.ok ? split.words : [];
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    return [program, ...args];
  });

function readLine(text: string): Split {
  if (!text.trimStart().startsWith('[')) return splitCommandLine(text);
  try {
    const parsed = z.array(z.string()).safeParse(JSON.parse(text));
    if (parsed.success) return { ok: true, words: parsed.data };
    return { ok: false, problem: 'is a JSON list of something else than texts' };
  } catch (error) {
    return { ok: false, problem: `begins like a JSON list but is none: ${String(error)}` };
  }
}

function findProblem([program, ...args]: readonly string[]): string | undefined {
  if (program === undefined || program.trim() === '') return 'names no program';
  if ([program, ...args].some((word) => word.includes('\0'))) return 'holds a NUL character';
  return /^\w+=/.test(program)
    ? `begins with a variable (${program.split('=')[0]}=…): use the program env`
    : undefined;
}
