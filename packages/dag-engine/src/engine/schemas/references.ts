import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';

/** Keywords whose value is data, not a schema. */
const DATA = new Set(['const', 'enum', 'default', 'examples']);
/** Keywords whose value maps names of the author to schemas. */
const NAMED = new Set([
  'properties',
  'patternProperties',
  'definitions',
  '$defs',
  'dependentSchemas',
  'dependencies',
]);
const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

/** Maps a reference to what takes its place. Contract: throws to refuse it. */
export type Resolve = (reference: string) => string;

/** Copies a schema with every reference replaced; data that only looks like one stays as it is. */
export function mapReferences(schema: JsonValue, resolve: Resolve): JsonValue {
  if (Array.isArray(schema))
    return (schema as readonly JsonValue[]).map((item) => mapReferences(item, resolve));
  if (!isJsonObject(schema)) return schema;
  const entries = Object.entries(schema).map(([keyword, value]) => {
    if (DATA.has(keyword)) return [keyword, value] as const;
    if (REFERENCES.has(keyword) && typeof value === 'string') return [keyword, resolve(value)] as const;
    if (NAMED.has(keyword) && isJsonObject(value)) return [keyword, mapNamed(value, resolve)] as const;
    return [keyword, mapReferences(value, resolve)] as const;
  });
  return Object.fromEntries(entries);
}

function mapNamed(schemas: JsonObject, resolve: Resolve): JsonObject {
  const entries = Object.entries(schemas).map(([name, schema]) => [name, mapReferences(schema, resolve)]);
  return Object.fromEntries(entries) as JsonObject;
}

/** A reference as an author writes it: to a place in this schema, to another file, or to an address. */
export type Reference =
  | { readonly kind: 'local' }
  | { readonly kind: 'file'; readonly stem: string; readonly fragment: string }
  | { readonly kind: 'remote' };

export function parseReference(reference: string): Reference {
  if (reference.startsWith('#')) return { kind: 'local' };
  if (/^([a-z][a-z0-9+.-]*:|\/)/i.test(reference)) return { kind: 'remote' };
  const hash = reference.indexOf('#');
  const path = hash < 0 ? reference : reference.slice(0, hash);
  const stem = path.replace(/^\.\//, '').replace(/\.(json|yaml|yml)$/, '');
  return { kind: 'file', stem, fragment: hash < 0 ? '' : reference.slice(hash) };
}
