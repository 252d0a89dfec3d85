import type { JsonObject, JsonValue } from '../model/json.ts';
import { rememberKnown } from '../model/known-json.ts';
import { describeThrown } from './failure.ts';

const MAX_DEPTH = 512;
const MAX_VALUES = 1_000_000;
const MAX_CHARS = 16_000_000;

/** A deeply frozen copy, or where the value stops being JSON (`$.items[2].at`) and why. */
export type JsonCopy =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly path: string; readonly reason: string };

/**
 * Copies what foreign code returned as JSON, strictly: nothing is turned into something else on the way. Only keys
 * whose value is `undefined` are left out, and `-0` becomes `0`. Keys stay own properties, `__proto__` too. Bounded in
 * depth (512 levels), number of values (1 million) and text (16 million characters). Never throws.
 */
export function copyJson(value: unknown): JsonCopy {
  const copier = new JsonCopier();
  try {
    const copy = copier.copy(value);
    if (copier.problem !== null) return { ok: false, ...copier.problem };
    if (typeof copy === 'object' && copy !== null) rememberKnown(copy, copier.levels);
    return { ok: true, value: copy };
  } catch (thrown) {
    return { ok: false, path: copier.path, reason: `cannot be read: ${describeThrown(thrown)}` };
  }
}

class JsonCopier {
  problem: { readonly path: string; readonly reason: string } | null = null;
  /** Of the deepest object so far. */
  levels = 0;
  readonly #keys: (string | number)[] = [];
  readonly #ancestors = new Set<object>();
  #values = 0;
  #chars = 0;

  get path(): string {
    return `$${this.#keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')}`;
  }

  copy(value: unknown): JsonValue {
    this.#values += 1;
    if (this.#values > MAX_VALUES) return this.#refuse(`has more than ${MAX_VALUES} values`);
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) ? value + 0 : this.#refuse(`is ${value}, which JSON does not have`);
      case 'object':
        return value === null ? null : this.#object(value);
      default:
        return this.#refuse(`is ${value === undefined ? 'undefined' : `a ${typeof value}`}`);
    }
  }

  #text(text: string): string | null {
    this.#chars += text.length;
    return this.#chars > MAX_CHARS ? this.#refuse(`has more than ${MAX_CHARS} characters`) : text;
  }

  #object(value: object): JsonValue {
    if (this.#ancestors.has(value)) return this.#refuse('contains itself');
    if (this.#ancestors.size >= MAX_DEPTH) return this.#refuse(`is nested deeper than ${MAX_DEPTH} levels`);
    this.#ancestors.add(value);
    this.levels = Math.max(this.levels, this.#ancestors.size);
    const copy = Array.isArray(value) ? this.#array(value) : this.#record(value);
    this.#ancestors.delete(value);
    return Object.freeze(copy);
  }

  #array(items: readonly unknown[]): JsonValue {
    const copy: JsonValue[] = [];
    for (let index = 0; index < items.length && this.problem === null; index += 1) {
      this.#keys.push(index);
      copy.push(this.copy(items[index]));
      this.#leave();
    }
    return copy;
  }

  #record(source: object): JsonValue {
    const prototype: unknown = Object.getPrototypeOf(source);
    // Plain objects of another realm have a prototype whose own prototype is null.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
      return this.#refuse(describeKind(source));
    const copy: Record<string, JsonValue> = {};
    for (const key of Object.keys(source)) {
      this.#keys.push(key);
      this.#text(key);
      const value = (source as Readonly<Record<string, unknown>>)[key];
      if (value !== undefined) defineField(copy, key, this.copy(value));
      this.#leave();
      if (this.problem !== null) break;
    }
    return copy;
  }

  /** Keys stay where they are once there is a problem, so that its path can be told. */
  #leave(): void {
    if (this.problem === null) this.#keys.pop();
  }

  #refuse(reason: string): null {
    this.problem ??= { path: this.path, reason };
    return null;
  }
}

function describeKind(source: object): string {
  const name: unknown = source.constructor.name;
  return `is a ${typeof name === 'string' && name !== '' ? name : 'class instance'}, not plain data`;
}

/** Sets an own property; assignment to `__proto__` would set the prototype instead. */
function defineField(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** JSON data of a value whose type says so already, for `details` and payloads. */
export function asJsonObject(value: object): JsonObject {
  const copied = copyJson(value);
  return copied.ok ? (copied.value as JsonObject) : { unreadable: `${copied.path} ${copied.reason}` };
}
