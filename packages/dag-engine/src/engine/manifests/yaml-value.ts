import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { Refusal } from '../refusal.ts';
import { MAX_DEPTH } from './forbidden-data.ts';

/** Aliases written in one file. */
const MAX_ALIASES = 200;
/** Values in one file, counting an anchored one again for every alias. */
const MAX_VALUES = 500_000;

/**
 * Turns a YAML document into JSON data, in document order, counting as it goes: the library's own conversion is
 * quadratic in the keys of a mapping and bounds aliases only by a ratio.
 *
 * @throws {Refusal} for duplicate or structured keys, numbers JSON does not have, too many or circular aliases.
 */
export function jsonFromYaml(root: Node | null): JsonValue {
  return new Conversion().value(root, 0);
}

class Conversion {
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #aliases = 0;
  #values = 0;

  value(node: unknown, depth: number): JsonValue {
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw new Refusal(`more than ${MAX_VALUES} values`);
    if (depth > MAX_DEPTH) throw new Refusal(`nested deeper than ${MAX_DEPTH} levels`);
    if (isAlias(node)) return this.#alias(node.source, depth);
    if (isMap(node)) return this.#collection(node, () => this.#mapping(node, depth));
    if (isSeq(node)) return this.#collection(node, () => this.#sequence(node, depth));
    if (!isScalar(node)) return null;
    this.#remember(node);
    return scalarValue(node.value);
  }

  #alias(name: string, depth: number): JsonValue {
    this.#aliases += 1;
    if (this.#aliases > MAX_ALIASES) throw new Refusal(`more than ${MAX_ALIASES} aliases`);
    const target = this.#anchors.get(name);
    if (target === undefined) throw new Refusal(`the alias *${name} has no anchor before it`);
    if (this.#open.has(target)) throw new Refusal(`the alias *${name} is inside its own anchor`);
    return this.value(target, depth);
  }

  #collection<T extends JsonValue>(node: YAMLMap | YAMLSeq, convert: () => T): T {
    this.#remember(node);
    this.#open.add(node);
    const value = convert();
    this.#open.delete(node);
    return value;
  }

  #mapping(node: YAMLMap, depth: number): JsonObject {
    const entries = new Map<string, JsonValue>();
    for (const pair of node.items) {
      const key = this.#key(pair);
      if (entries.has(key)) throw new Refusal(`the key "${key}" is written twice in one mapping`);
      entries.set(key, this.value(pair.value, depth + 1));
    }
    // Unlike an assignment, this makes even `__proto__` a property of its own.
    return Object.fromEntries(entries);
  }

  #key({ key }: Pair): string {
    if (!isScalar(key)) throw new Refusal('a key of a mapping is not plain text');
    this.#remember(key);
    return String(key.value);
  }

  #sequence(node: YAMLSeq, depth: number): readonly JsonValue[] {
    return node.items.map((item) => this.value(item, depth + 1));
  }

  #remember(node: Node): void {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
  }
}

function scalarValue(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Refusal(`a ${typeof value} that JSON does not have`);
}
