import type { JsonValue } from '../../model/json.ts';
import { copyJson } from '../../tools/copy-json.ts';
import { failure, success, type Outcome } from '../../tools/failure.ts';
import { parseJson, repairJson } from '../../tools/json-engine.ts';

/** `text` is a reply that is no JSON and could not be repaired. */
export interface ParsedReply {
  readonly kind: 'json' | 'text';
  readonly value: JsonValue;
}

const FENCE = '```';

/**
 * Reads what a model answered. Text is JSON as it stands, or in its first code fence, or between its first `{` and its
 * last `}`; otherwise it stays text. A client may also give data; what is not JSON is `agent_reply_not_json`.
 */
export function parseReply(reply: unknown): Outcome<ParsedReply> {
  const copied = copyJson(reply);
  if (copied.ok) {
    const { value } = copied;
    return success(typeof value === 'string' ? parseText(value) : { kind: 'json', value });
  }
  return failure({
    error_id: 'agent_reply_not_json',
    code: 'json',
    message: `the model's client returned what is not JSON: ${copied.path} ${copied.reason}`,
    source: 'agent_runtime',
  });
}

function parseText(text: string): ParsedReply {
  const fenced = fencedText(text);
  const read = [parseJson(text), ...(fenced === null ? [] : [parseJson(fenced)]), repairJson(text)];
  const json = read.find((outcome) => outcome.ok);
  return json ? { kind: 'json', value: json.value } : { kind: 'text', value: text };
}

/** What the first code fence holds, without its language. */
function fencedText(text: string): string | null {
  const start = text.indexOf(FENCE);
  if (start === -1) return null;
  const body = text.indexOf('\n', start);
  const end = text.indexOf(FENCE, start + FENCE.length);
  if (body === -1 || end <= body) return null;
  return text.slice(body + 1, end);
}
