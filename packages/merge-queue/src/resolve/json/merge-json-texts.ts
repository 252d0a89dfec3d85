import type { TextSides } from '../resolve-texts.ts';
import type { JsonNode } from './json-node.ts';
import { mergeJson, type DecideJson, type JsonSides } from './merge-json.ts';
import { parseJson } from './parse-json.ts';
import { printJson, sameLayout, styleOfJson, withoutText } from './print-json.ts';

/** What the rules of a format add to a merge by key. */
export interface JsonRules {
  readonly decide: DecideJson;
  /** Puts the finished value in order. */
  readonly finish: (merged: JsonNode, sides: JsonSides) => JsonNode;
}

/** Merges documents in ours' layout; undefined when a version is no plain JSON or a value needs a decision. */
export function mergeJsonTexts(texts: TextSides, rules: JsonRules): string | undefined {
  const ours = parseJson(texts.ours);
  const parsed = parseJson(texts.theirs);
  const base = texts.base === undefined ? undefined : parseJson(texts.base);
  if (ours === undefined || parsed === undefined) return undefined;
  if (texts.base !== undefined && base === undefined) return undefined;
  const theirStyle = styleOfJson(texts.theirs);
  const ourStyle = isEmpty(ours) ? theirStyle : styleOfJson(texts.ours);
  const theirs = sameLayout(ourStyle, theirStyle) ? parsed : withoutText(parsed);
  const merged = mergeJson({ base, ours, theirs }, rules.decide);
  return merged && printJson(rules.finish(merged, { base, ours, theirs }), ourStyle);
}

/** Whether a document is too small to have a layout. */
function isEmpty(node: JsonNode): boolean {
  if (node.kind === 'scalar') return true;
  return (node.kind === 'array' ? node.items.length : node.members.size) === 0;
}
