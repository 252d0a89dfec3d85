import { toSwarmError } from '@agentswarm/core';
import type { JsonValue } from './json.ts';
import { levelsOf } from './known-json.ts';

/** Below what makes `JSON.stringify` overflow the stack. */
const MAX_DEPTH = 1000;

/** Changes every text of a value: a redactor. */
export type TextMapping = (text: string) => string;

/** Changes nothing: where there are no secrets. */
export const keepText: TextMapping = (text) => text;

/**
 * Copies any value into deeply frozen JSON. What JSON cannot say becomes text or `null`: a cycle is `[circular]`,
 * a level below the thousandth `[too deep]`, a value that throws when read `[unreadable: …]`. Contract: never throws.
 */
export type JsonFreezer = (value: unknown) => JsonValue;

/**
 * Makes a freezer that maps every text, keys included, and every number whose digits the mapping changes. With
 * {@link keepText}, what is known to be frozen JSON is not copied again, so the one output of a node is shared by all
 * who keep it.
 */
export function createJsonFreezer(mapText: TextMapping = keepText): JsonFreezer {
  if (mapText !== keepText) return (value) => new Freezing(mapText).freeze(value, 0);
  return (value) =>
    levelsOf(value) <= MAX_DEPTH ? (value as JsonValue) : new Freezing(undefined).freeze(value, 0);
}

class Freezing {
  readonly #mapText: TextMapping | undefined;
  /** Copies of this call by their source, so that a value found twice is copied once; `undefined` while unfinished. */
  readonly #copies = new Map<object, JsonValue | undefined>();

  constructor(mapText: TextMapping | undefined) {
    this.#mapText = mapText;
  }

  freeze(value: unknown, depth: number): JsonValue {
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        return this.#number(value);
      case 'boolean':
        return value;
      case 'bigint':
        return this.#text(value.toString());
      case 'object':
        return value === null ? null : this.#object(value, depth);
      default:
        return null;
    }
  }

  #text(text: string): string {
    return this.#mapText === undefined ? text : this.#mapText(text);
  }

  #number(value: number): JsonValue {
    if (!Number.isFinite(value)) return null;
    if (this.#mapText === undefined) return value + 0;
    const text = String(value);
    const mapped = this.#mapText(text);
    return mapped === text ? value + 0 : mapped;
  }

  #object(source: object, depth: number): JsonValue {
    if (this.#mapText === undefined && depth + levelsOf(source) <= MAX_DEPTH) return source as JsonValue;
    if (depth > MAX_DEPTH) return '[too deep]';
    if (this.#copies.has(source)) {
      const known = this.#copies.get(source);
      return known === undefined ? '[circular]' : known;
    }
    this.#copies.set(source, undefined);
    const copy = this.#read(source, depth);
    this.#copies.set(source, copy);
    return copy;
  }

  #read(source: object, depth: number): JsonValue {
    try {
      if ('toJSON' in source && typeof source.toJSON === 'function') {
        return this.freeze(Reflect.apply(source.toJSON, source, ['']), depth + 1);
      }
      const copy = Array.isArray(source)
        ? Array.from(source, (item) => this.freeze(item, depth + 1))
        : this.#fields(source, depth);
      return Object.freeze(copy);
    } catch (error) {
      return this.#text(`[unreadable: ${toSwarmError(error).message}]`);
    }
  }

  #fields(source: object, depth: number): { [key: string]: JsonValue } {
    const copy: { [key: string]: JsonValue } = {};
    for (const key of Object.keys(source)) {
      const value = (source as Readonly<Record<string, unknown>>)[key];
      if (value === undefined || typeof value === 'function' || typeof value === 'symbol') continue;
      const frozen = this.freeze(value, depth + 1);
      const name = this.#text(key);
      if (name === '__proto__') Object.defineProperty(copy, name, { value: frozen, enumerable: true });
      else copy[name] = frozen;
    }
    return copy;
  }
}
