import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { FileReport } from './file-report.ts';

/** A key, or the names it goes by; the first is the one messages use. */
export type Names = string | readonly [string, ...string[]];

interface Found {
  readonly name: string;
  readonly value: JsonValue;
}

interface NumberRule {
  readonly min: number;
  readonly integer?: boolean;
}

/**
 * Reads the keys of one mapping. Every problem goes to the report under the mapping's path, and reading goes on with
 * a placeholder, so that one pass finds them all; `close` warns of the keys that nobody asked for.
 */
export class Fields {
  readonly path: string;
  readonly #object: JsonObject;
  readonly #report: FileReport;
  readonly #seen: { readonly asked: Set<string>; readonly shadowed: Set<string> };

  constructor(
    object: JsonObject,
    place: { readonly path: string; readonly report: FileReport },
    seen = newlySeen(),
  ) {
    this.#object = object;
    this.path = place.path;
    this.#report = place.report;
    this.#seen = seen;
  }

  /** The same mapping, its problems under another path. */
  at(path: string): Fields {
    return new Fields(this.#object, { path, report: this.#report }, this.#seen);
  }

  problem(problem: string): void {
    this.#report.problem(this.path, problem);
  }

  /** Whether a problem was reported under exactly this path. */
  get isBroken(): boolean {
    return this.#report.hasProblemAt(this.path);
  }

  warn(warning: string): void {
    this.#report.warn(this.path, warning);
  }

  has(names: Names): boolean {
    return this.#find(names) !== undefined;
  }

  /** Present, even when `null`. */
  declares(name: string): boolean {
    this.#seen.asked.add(name);
    return Object.hasOwn(this.#object, name);
  }

  /** The value as it is; `null` when absent. */
  value(names: Names): JsonValue {
    return this.#find(names)?.value ?? null;
  }

  /** Trimmed and not empty; an empty text, after a problem, when missing. */
  requiredText(names: Names): string {
    const found = this.#find(names);
    if (found !== undefined) return this.#text(found) ?? '';
    this.problem(`"${firstOf(names)}" is missing`);
    return '';
  }

  /** Trimmed and not empty, or `null`. */
  optionalText(names: Names): string | null {
    const found = this.#find(names);
    return found === undefined ? null : this.#text(found);
  }

  /** Text as written, which may be empty. */
  prose(names: Names, fallback = ''): string {
    const found = this.#find(names);
    if (found === undefined) return fallback;
    if (typeof found.value === 'string') return found.value;
    this.#expected(found, 'text');
    return fallback;
  }

  /** Text, or a number standing for it: YAML takes an unquoted `1.0` for one, and keeps only its value. */
  versionText(names: Names): string | null {
    const found = this.#find(names);
    if (found === undefined) return null;
    const { name, value } = found;
    if (typeof value === 'string') return value.trim();
    if (typeof value !== 'number') return this.#text(found);
    this.warn(`"${name}" is a number and read as "${value}"; quotes keep it as written`);
    return String(value);
  }

  flag(names: Names, fallback: boolean): boolean {
    const found = this.#find(names);
    if (found === undefined) return fallback;
    if (typeof found.value === 'boolean') return found.value;
    this.#expected(found, 'true or false');
    return fallback;
  }

  requiredChoice<T extends string>(names: Names, choices: readonly [T, ...T[]]): T {
    if (!this.has(names)) this.problem(`"${firstOf(names)}" is missing`);
    return this.choice(names, choices) ?? choices[0];
  }

  choice<T extends string>(names: Names, choices: readonly T[]): T | null {
    const found = this.#find(names);
    if (found === undefined) return null;
    const choice = choices.find((known) => known === found.value);
    if (choice === undefined) this.#expected(found, `one of ${choices.join(', ')}`);
    return choice ?? null;
  }

  number(names: Names, { min, integer = true }: NumberRule): number | null {
    const found = this.#find(names);
    if (found === undefined) return null;
    const { value } = found;
    if (typeof value === 'number' && value >= min && (!integer || Number.isSafeInteger(value))) return value;
    this.#expected(found, `a ${integer ? 'whole number' : 'number'}, at least ${min}`);
    return null;
  }

  /** An empty object when absent. */
  object(names: Names): JsonObject {
    const found = this.#find(names);
    if (found === undefined) return {};
    if (isJsonObject(found.value)) return found.value;
    this.#expected(found, 'a mapping');
    return {};
  }

  texts(names: Names): readonly string[] {
    const found = this.#find(names);
    if (found === undefined) return [];
    const { value } = found;
    if (Array.isArray(value) && value.every((item) => typeof item === 'string' && item.trim() !== '')) {
      return (value as readonly string[]).map((item) => item.trim());
    }
    this.#expected(found, 'a list of texts');
    return [];
  }

  /** The keys of a mapping inside this one, its problems under the same path. */
  nested(names: Names): Fields {
    return new Fields(this.object(names), { path: this.path, report: this.#report });
  }

  /** The mappings of a list inside this one; each has the path `list[i]`. */
  entries(names: Names, listPath = joinPath(this.path, firstOf(names))): readonly Fields[] {
    const found = this.#find(names);
    if (found === undefined) return [];
    if (!Array.isArray(found.value)) {
      this.#report.problem(listPath, `must be a list, not ${this.#said(found.value)}`);
      return [];
    }
    return (found.value as readonly JsonValue[]).flatMap((item, index) =>
      this.#entry(item, `${listPath}[${index}]`),
    );
  }

  /** Warns of every key that was never asked for, and of aliases of a key that is there too. */
  close(): void {
    for (const key of Object.keys(this.#object)) {
      if (this.#seen.shadowed.has(key))
        this.#report.warn(this.path, `"${key}" is ignored: its other name is there too`);
      if (!this.#seen.asked.has(key)) this.#report.warn(this.path, `unknown key "${key}" is ignored`);
    }
  }

  #entry(item: JsonValue, path: string): readonly Fields[] {
    if (isJsonObject(item)) return [new Fields(item, { path, report: this.#report })];
    this.#report.problem(path, `must be a mapping, not ${this.#said(item)}`);
    return [];
  }

  /** A key that is `null` is absent: `agents:` with nothing after it. */
  #find(names: Names): Found | undefined {
    const all = typeof names === 'string' ? [names] : names;
    const found = all.flatMap((name) => {
      this.#seen.asked.add(name);
      const value = Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
      return value === undefined || value === null ? [] : [{ name, value }];
    });
    for (const { name } of found.slice(1)) this.#seen.shadowed.add(name);
    return found[0];
  }

  #text(found: Found): string | null {
    if (typeof found.value === 'string' && found.value.trim() !== '') return found.value.trim();
    this.#expected(found, 'text that is not empty');
    return null;
  }

  #expected({ name, value }: Found, what: string): void {
    this.problem(`"${name}" must be ${what}, not ${this.#said(value)}`);
  }

  /** Scalars as they are, so that a typo can be seen, unless the file may hold secrets. */
  #said(value: JsonValue): string {
    return this.#report.quotes && typeof value !== 'object' ? excerpt(JSON.stringify(value)) : kindOf(value);
  }
}

function newlySeen() {
  return { asked: new Set<string>(), shadowed: new Set<string>() };
}

function joinPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function firstOf(names: Names): string {
  return typeof names === 'string' ? names : names[0];
}

const MAX_QUOTED = 60;

function excerpt(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

/** What sort of value it is, without the value. */
export function kindOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'a list';
  if (isJsonObject(value)) return 'a mapping';
  if (value === null) return 'nothing';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}
