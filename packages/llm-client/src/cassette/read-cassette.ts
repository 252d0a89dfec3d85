import { readFile } from 'node:fs/promises';
import { LlmError } from '../errors.ts';
import { CassetteExchangeSchema, type CassetteExchange } from './exchange.ts';

/** Recorded exchanges in order of completion. */
export interface Cassette {
  readonly exchanges: readonly CassetteExchange[];
  /** The last line has no end: whoever wrote it died while writing. It is not among the exchanges. */
  readonly cut: boolean;
}

/**
 * Reads a cassette file into memory.
 *
 * @throws {LlmError} CASSETTE_INVALID when it cannot be read, or listing every problem with its line.
 */
export async function readCassette(path: string): Promise<Cassette> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new LlmError('CASSETTE_INVALID', `cassette ${path} cannot be read`, { cause, details: { path } });
  });
  return parseCassette(text, path);
}

/**
 * Reads the text of a cassette; `name` is for the error. Empty lines are ignored.
 *
 * @throws {LlmError} CASSETTE_INVALID listing every problem with its line; no problem quotes a value.
 */
export function parseCassette(text: string, name = 'text'): Cassette {
  const lines = text.split('\n');
  const unfinished = lines.pop() ?? '';
  // Without its line end, but whole: written by hand, perhaps.
  const cut = unfinished.trim() !== '' && parseLine(unfinished).kind === 'no_json';
  const problems: string[] = [];
  const exchanges: CassetteExchange[] = [];
  for (const [index, line] of (cut ? lines : [...lines, unfinished]).entries()) {
    if (line.trim() === '') continue;
    const parsed = parseLine(line);
    if (parsed.kind === 'exchange') exchanges.push(parsed.exchange);
    else problems.push(...parsed.problems.map((problem) => `line ${index + 1}: ${problem}`));
  }
  if (problems.length === 0) return { exchanges, cut };
  throw new LlmError('CASSETTE_INVALID', `cassette ${name} is invalid:\n  ${problems.join('\n  ')}`, {
    details: { cassette: name, problems },
  });
}

type ParsedLine =
  | { readonly kind: 'exchange'; readonly exchange: CassetteExchange }
  | { readonly kind: 'no_json' | 'no_exchange'; readonly problems: readonly string[] };

function parseLine(line: string): ParsedLine {
  const json = parseJson(line);
  if (json === undefined) return { kind: 'no_json', problems: ['is no JSON'] };
  const parsed = checkExchange(json.value);
  if (parsed === 'too_deep') return { kind: 'no_exchange', problems: ['is nested too deeply'] };
  if (parsed.success) return { kind: 'exchange', exchange: parsed.data };
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.map(String).join('.') || '(top level)'}: ${message}`,
  );
  return { kind: 'no_exchange', problems };
}

function checkExchange(value: unknown): ReturnType<typeof CassetteExchangeSchema.safeParse> | 'too_deep' {
  try {
    return CassetteExchangeSchema.safeParse(value);
  } catch (error) {
    if (error instanceof RangeError) return 'too_deep';
    throw error;
  }
}

/** Undefined when the text is no JSON. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
