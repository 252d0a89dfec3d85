import { ManifestLoadError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../model/json.ts';
import { BUILT_IN_SCHEMAS } from '../schemas/built-in-schemas.ts';
import { SchemaRegistry } from '../schemas/schema-registry.ts';
import { kindOf } from './fields.ts';
import { parseJson } from './parse-json.ts';
import type { Parsed } from './parsed.ts';
import { parseYaml } from './parse-yaml.ts';
import type { SchemaFiles, SourceFile } from './read-directory.ts';

/** What `schemas/` holds. */
export interface ParsedSchemas {
  /** By file stem; without a prototype, so that any stem is a key like another. */
  readonly schemas: Readonly<Record<string, JsonObject | boolean>>;
  readonly registry: SchemaRegistry;
  /** Also of files that could not be read: what refers to them is not wrong on top. */
  readonly ids: ReadonlySet<string>;
  readonly errors: readonly ManifestLoadError[];
  readonly warnings: readonly string[];
}

/** Reads and compiles every schema of a configuration directory. */
export function parseSchemas({ files, ignored, problem }: SchemaFiles): ParsedSchemas {
  const schemas = Object.create(null) as Record<string, JsonObject | boolean>;
  const nameOf = new Map<string, string>();
  const errors = problem === null ? [] : [new ManifestLoadError('schemas', problem)];
  const warnings = ignored.map((name) => `schemas/${name}: not a JSON or YAML file, ignored`);
  for (const file of files) {
    const stem = stemOf(file.name);
    const before = nameOf.get(stem);
    const parsed = parseFile(file);
    nameOf.set(stem, file.name);
    if (before !== undefined)
      errors.push(new ManifestLoadError(file.name, `${before} has the same id "${stem}"`));
    else if (typeof parsed === 'string') errors.push(new ManifestLoadError(file.name, parsed));
    else schemas[stem] = parsed;
    if (Object.hasOwn(BUILT_IN_SCHEMAS, stem))
      warnings.push(`${file.name}: replaces the built-in schema "${stem}"`);
  }
  const registry = new SchemaRegistry(schemas);
  for (const stem of Object.keys(schemas)) {
    const fault = registry.problemOf(stem);
    if (fault !== null) errors.push(new ManifestLoadError(nameOf.get(stem) ?? stem, fault));
  }
  return { schemas, registry, ids: new Set(nameOf.keys()), errors, warnings };
}

function stemOf(name: string): string {
  return name.slice('schemas/'.length).replace(/\.[^.]+$/, '');
}

function parseFile(file: SourceFile): JsonObject | boolean | string {
  if (file.problem !== null) return file.problem;
  const parsed: Parsed = file.name.endsWith('.json') ? parseJson(file.text) : parseYaml(file.text);
  if (!parsed.ok) return parsed.problem;
  if (isJsonObject(parsed.value) || typeof parsed.value === 'boolean') return parsed.value;
  return `a JSON Schema is a mapping or a boolean, not ${kindOf(parsed.value)}`;
}
