import { toSwarmError } from '@agentswarm/core';
import { Ajv, type AnySchema, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { SchemaRef } from '../model/workflow.ts';
import { Refusal } from '../refusal.ts';
import { BUILT_IN_SCHEMAS } from './built-in-schemas.ts';
import { mapReferences, parseReference } from './references.ts';
import { runBounded } from './run-bounded.ts';

/** One way in which a value does not fit its schema. */
export interface SchemaIssue {
  /** JSON pointer into the value; empty is the whole value. */
  readonly path: string;
  /** The keyword of the schema that is not satisfied. */
  readonly keyword: string;
  readonly message: string;
}

type Schema = JsonObject | boolean;

type Compiled =
  | { readonly ok: true; readonly validate: ValidateFunction }
  | { readonly ok: false; readonly problem: string };

const MAX_ISSUES = 50;

/** What a model wrote is matched against patterns of the manifests, and some of those never end. */
const CHECK_TIMEOUT_MS = 2_000;

const OPTIONS: Options = {
  allErrors: true,
  // Formats are annotations, and so is every keyword that the drafts do not know.
  strict: false,
  validateFormats: false,
  // Without it `required: [constructor]` is satisfied by every object.
  ownProperties: true,
  logger: false,
};

/**
 * The JSON Schemas that manifests may name: those of `schemas/` and the built-in ones, of which a file of the same
 * name takes the place. Draft-07 and 2020-12 (the default), told apart by `$schema`. Nothing is ever fetched: a
 * reference names a place in the same schema, or another schema of the registry by its id.
 */
export class SchemaRegistry {
  readonly #schemas = new Map<string, Schema>();
  readonly #compiled = new Map<string, Compiled>();
  readonly #meta = new Map<Draft, Ajv | Ajv2020>();
  readonly #inline = new Map<string, Compiled>();
  readonly #checkTimeoutMs: number;

  /** `checkTimeoutMs`: of one check, by default 2 s. A check blocks the thread. */
  constructor(
    schemas: Readonly<Record<string, Schema>> = {},
    { checkTimeoutMs = CHECK_TIMEOUT_MS }: { readonly checkTimeoutMs?: number } = {},
  ) {
    this.#checkTimeoutMs = checkTimeoutMs;
    for (const [id, schema] of Object.entries(BUILT_IN_SCHEMAS)) this.#schemas.set(id, schema);
    for (const id of Object.keys(schemas)) this.#schemas.set(id, schemas[id] ?? false);
  }

  has(id: string): boolean {
    return this.#schemas.has(id);
  }

  /** Why nothing can be checked against this schema: unknown, no legal JSON Schema, a reference into nothing. */
  problemOf(ref: SchemaRef): string | null {
    const compiled = this.#compile(ref);
    return compiled.ok ? null : compiled.problem;
  }

  /** As its author wrote it; `false`, which nothing satisfies, when it is unknown. */
  schemaOf(ref: SchemaRef): Schema {
    return typeof ref === 'string' ? (this.#schemas.get(ref) ?? false) : ref;
  }

  /**
   * Checks a value without changing it; empty when it fits. A schema that cannot be used fits nothing, and a value fits
   * nothing when checking it takes too long.
   */
  check(ref: SchemaRef, value: JsonValue): readonly SchemaIssue[] {
    const compiled = this.#compile(ref);
    if (!compiled.ok) return schemaIssue(compiled.problem);
    try {
      const checked = runBounded(() => compiled.validate(value), this.#checkTimeoutMs);
      if (checked.kind === 'timeout')
        return schemaIssue(`cannot be checked within ${this.#checkTimeoutMs} ms`);
      if (checked.value) return [];
    } catch (error) {
      // Validators of recursive schemas recurse with the value.
      return schemaIssue(`cannot be checked: ${toSwarmError(error).message}`);
    }
    return (compiled.validate.errors ?? []).slice(0, MAX_ISSUES).map(issueOf);
  }

  #compile(ref: SchemaRef): Compiled {
    const [cache, key] =
      typeof ref === 'string'
        ? ([this.#compiled, ref] as const)
        : ([this.#inline, JSON.stringify(ref)] as const);
    const known = cache.get(key);
    if (known !== undefined) return known;
    const schema = typeof ref === 'string' ? this.#schemas.get(ref) : ref;
    const compiled: Compiled =
      schema === undefined ? { ok: false, problem: `unknown schema "${key}"` } : this.#compileSchema(schema);
    cache.set(key, compiled);
    return compiled;
  }

  /** Each schema has a validator of its own, so that what is wrong with one never shows in another. */
  #compileSchema(schema: Schema): Compiled {
    try {
      const ajv = createValidator(draftOf(schema), { ...OPTIONS, meta: false, validateSchema: false });
      const names = new Map<string, string>();
      const queue: string[] = [];
      const nameOf = (stem: string): string => {
        const name = names.get(stem) ?? `schema-${names.size}`;
        if (!names.has(stem)) queue.push(stem);
        names.set(stem, name);
        return name;
      };
      const root = this.#prepare(schema, nameOf);
      for (const stem of queue) {
        const referred = this.#schemas.get(stem);
        if (referred === undefined) throw new Refusal(`refers to "${stem}", which does not exist`);
        if (draftOf(referred) !== draftOf(schema)) throw new Refusal(`refers to "${stem}" of another draft`);
        ajv.addSchema(this.#prepare(referred, nameOf), nameOf(stem), undefined, false);
      }
      return { ok: true, validate: ajv.compile(root) };
    } catch (error) {
      return {
        ok: false,
        problem: toSwarmError(error).message,
      };
    }
  }

  /** Compiling the schema of schemas is the expensive part, and the same for all. */
  #metaValidator(draft: Draft): Ajv | Ajv2020 {
    const known = this.#meta.get(draft);
    if (known !== undefined) return known;
    const created = createValidator(draft, OPTIONS);
    this.#meta.set(draft, created);
    return created;
  }

  #prepare(schema: Schema, nameOf: (stem: string) => string): AnySchema {
    if (typeof schema === 'boolean') return schema;
    if ('$async' in schema) throw new Refusal('"$async" is no keyword of JSON Schema');
    const meta = this.#metaValidator(draftOf(schema));
    if (meta.validateSchema(schema) !== true) {
      throw new Refusal(`is no JSON Schema: ${meta.errorsText(meta.errors, { dataVar: '' })}`);
    }
    const { $id: _ownName, $schema: _draft, ...rest } = schema;
    return mapReferences(rest, (reference) => resolveReference(reference, nameOf)) as AnySchema;
  }
}

function resolveReference(reference: string, nameOf: (stem: string) => string): string {
  const parsed = parseReference(reference);
  if (parsed.kind === 'local') return reference;
  if (parsed.kind === 'remote')
    throw new Refusal(`the reference "${reference}" leaves the schemas directory`);
  return `${nameOf(parsed.stem)}${parsed.fragment}`;
}

type Draft = 'draft-07' | '2020-12';

const DRAFTS: ReadonlyMap<string, Draft> = new Map([
  ['http://json-schema.org/draft-07/schema', 'draft-07'],
  ['https://json-schema.org/draft-07/schema', 'draft-07'],
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
]);

function draftOf(schema: Schema): Draft {
  const declared = isJsonObject(schema) ? schema['$schema'] : undefined;
  if (declared === undefined) return '2020-12';
  const draft = typeof declared === 'string' ? DRAFTS.get(declared.replace(/#$/, '')) : undefined;
  if (draft === undefined) throw new Refusal('"$schema" must name draft-07 or 2020-12');
  return draft;
}

function createValidator(draft: Draft, options: Options): Ajv | Ajv2020 {
  return draft === 'draft-07' ? new Ajv(options) : new Ajv2020(options);
}

function schemaIssue(message: string): readonly SchemaIssue[] {
  return [{ path: '', keyword: 'schema', message }];
}

function issueOf({ instancePath, keyword, message, params }: ErrorObject): SchemaIssue {
  const extra: unknown = params['additionalProperty'] ?? params['unevaluatedProperty'];
  const named = typeof extra === 'string' ? `: "${extra}"` : '';
  return { path: instancePath, keyword, message: `${message ?? 'does not fit'}${named}` };
}
