import type { Json } from './exchange.ts';
import { parseJson } from './read-cassette.ts';
import { recut } from './recut.ts';

/** Replaces secrets in a text. */
export type Redact = (text: string) => string;

/** What a cassette keeps of a request's body. */
export function redactRequestBody(body: string, redact: Redact): Json {
  if (body === '') return null;
  const json = parseJson(body);
  if (json === undefined) return redact(body);
  const text = JSON.stringify(mapStrings(json.value as Json, redact));
  const redacted = redact(text);
  // A secret of digits may have been part of a number.
  const safe = parseJson(redacted);
  return safe === undefined ? redacted : (safe.value as Json);
}

/** Pieces of an answer as many as before, free of secrets however these were split, also over several deltas. */
export function redactPieces(pieces: readonly string[], redact: Redact): readonly string[] {
  return recut(pieces, redactStrings(redact(pieces.join('')), redact));
}

/** Redacts inside JSON strings, where a secret can hide behind escapes or be spread over the events of a stream. */
function redactStrings(text: string, redact: Redact): string {
  const whole = parseJson(text);
  if (whole !== undefined) {
    const value = whole.value as Json;
    const [redacted] = redactDocuments([value], redact);
    return redacted === undefined || redacted === value ? text : JSON.stringify(redacted);
  }
  const lines = text.split('\n');
  const events = lines.flatMap((line, at) => {
    const json = line.startsWith('data:') ? parseJson(line.slice('data:'.length)) : undefined;
    return json === undefined ? [] : [{ at, value: json.value as Json }];
  });
  const redacted = redactDocuments(
    events.map(({ value }) => value),
    redact,
  );
  for (const [index, { at, value }] of events.entries()) {
    const safe = redacted[index] ?? null;
    if (safe !== value) lines[at] = `data: ${JSON.stringify(safe)}`;
  }
  return lines.join('\n');
}

/** Strings at the same place of successive documents are one text; a document without a secret comes back itself. */
function redactDocuments(documents: readonly Json[], redact: Redact): readonly Json[] {
  const texts = new Map<string, string[]>();
  for (const document of documents) {
    mapStrings(document, (text, place) => {
      const pieces = texts.get(place);
      if (pieces === undefined) texts.set(place, [text]);
      else pieces.push(text);
      return text;
    });
  }
  const next = new Map<string, Iterator<string>>();
  for (const [place, pieces] of texts) {
    const joined = pieces.join('');
    const redacted = redact(joined);
    if (redacted !== joined) next.set(place, recut(pieces, redacted).values());
  }
  if (next.size === 0) return documents;
  return documents.map((document) => {
    let changes = 0;
    const copy = mapStrings(document, (text, place) => {
      const replaced: unknown = next.get(place)?.next().value;
      if (typeof replaced !== 'string' || replaced === text) return text;
      changes += 1;
      return replaced;
    });
    return changes > 0 ? copy : document;
  });
}

/** Elements of an array are told apart by their `index`, as the deltas of choices and tool calls are. */
function mapStrings(value: Json, map: (text: string, place: string) => string, place = ''): Json {
  if (typeof value === 'string') return map(value, place);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((item, index) => mapStrings(item, map, `${place}/${indexOf(item) ?? index}`));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapStrings(item, map, `${place}/${key}`)]),
  );
}

function indexOf(item: Json): number | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
  const { index } = item as { readonly index?: unknown };
  return typeof index === 'number' ? index : undefined;
}
