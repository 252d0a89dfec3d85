import { basename } from 'node:path/posix';
import type { ConflictResolver } from '../conflict-resolver.ts';
import { resolveTexts, type TextDecision, type TextSides } from '../resolve-texts.ts';
import { sortingOrder } from '../sorting-order.ts';
import type { JsonNode, JsonObject } from './json-node.ts';
import type { JsonSides } from './merge-json.ts';
import { mergeJsonTexts } from './merge-json-texts.ts';
import { higherRange } from './version-range.ts';

/** Sections of dependencies, and what one of theirs is called. */
const SECTIONS: ReadonlyMap<string, string> = new Map([
  ['dependencies', 'dependency'],
  ['devDependencies', 'dev dependency'],
  ['peerDependencies', 'peer dependency'],
  ['optionalDependencies', 'optional dependency'],
]);

/**
 * Merges `package.json` by key. Of two version ranges with the same operator and major version the higher
 * is taken and the other one stated; dependencies stay sorted where both sides had them sorted.
 */
export function packageJsonResolver(): ConflictResolver {
  return {
    name: 'package.json',
    cost: 'inline',
    resolve: (request) =>
      resolveTexts(request, {
        takes: (path) => basename(path) === 'package.json',
        decide: mergeManifests,
      }),
  };
}

function mergeManifests(sides: TextSides): TextDecision | undefined {
  const dropped: string[] = [];
  const text = mergeJsonTexts(sides, {
    decide: ({ ours, theirs }, [section = '', name = '', ...deeper]) => {
      const called = deeper.length === 0 ? SECTIONS.get(section) : undefined;
      const [ourRange, theirRange] = [stringOf(ours), stringOf(theirs)];
      if (called === undefined || ourRange === undefined || theirRange === undefined) return undefined;
      const higher = higherRange(ourRange, theirRange);
      if (higher === undefined) return undefined;
      const oursWins = higher === ourRange;
      dropped.push(`${oursWins ? 'theirs' : 'ours'}: ${called} ${name} ${oursWins ? theirRange : ourRange}`);
      return oursWins ? ours : theirs;
    },
    finish: sortSections,
  });
  return text === undefined ? undefined : { text, dropped };
}

function stringOf(node: JsonNode | undefined): string | undefined {
  if (node?.kind !== 'scalar' || !node.literal.startsWith('"')) return undefined;
  return JSON.parse(node.literal) as string;
}

function sortSections(merged: JsonNode, { ours, theirs }: JsonSides): JsonNode {
  if (merged.kind !== 'object' || merged.text !== undefined) return merged;
  const members = [...merged.members].map(([key, value]): [string, JsonNode] => {
    const [ourSection, theirSection] = [sectionOf(ours, key), sectionOf(theirs, key)];
    if (value.kind !== 'object' || ourSection === undefined || theirSection === undefined)
      return [key, value];
    const order = sortingOrder([[...ourSection.members.keys()], [...theirSection.members.keys()]]);
    return [key, order === undefined ? value : sortMembers(value, order)];
  });
  return { ...merged, members: new Map(members) };
}

function sectionOf(manifest: JsonNode | undefined, key: string): JsonObject | undefined {
  const section = manifest?.kind === 'object' && SECTIONS.has(key) ? manifest.members.get(key) : undefined;
  return section?.kind === 'object' ? section : undefined;
}

function sortMembers(section: JsonObject, order: (a: string, b: string) => number): JsonNode {
  if (section.text !== undefined) return section;
  return { ...section, members: new Map([...section.members].toSorted(([a], [b]) => order(a, b))) };
}
