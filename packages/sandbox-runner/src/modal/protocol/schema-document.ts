import { z } from 'zod';
import { ShimFailureSchema } from './failure.ts';
import { METHODS, SHIM_SCHEMA_VERSION } from './messages.ts';
import { FROM_SHIM, TO_SHIM } from './notifications.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** All messages in JSON Schema, which is what the shim checks requests against. */
export function createSchemaDocument(): Readonly<Record<string, unknown>> {
  const { $schema, $defs, properties } = toJsonSchema(
    z.strictObject({
      error: ShimFailureSchema,
      methods: shapeOf(METHODS, ({ params, result }) => z.strictObject({ params, result })),
      toShim: shapeOf(TO_SHIM, (params) => params),
      fromShim: shapeOf(FROM_SHIM, (params) => params),
    }),
  );
  const part = (name: string) => propertiesOf(properties?.[name]);
  return {
    $schema,
    title: 'Messages of the Modal shim',
    version: SHIM_SCHEMA_VERSION,
    $defs,
    error: properties?.['error'],
    methods: describeMethods(part('methods')),
    toShim: part('toShim'),
    fromShim: part('fromShim'),
  };
}

function shapeOf<T>(parts: Readonly<Record<string, T>>, schemaOf: (part: T) => z.ZodType): z.ZodType {
  return z.strictObject(
    Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, schemaOf(part)])),
  );
}

function describeMethods(methods: Readonly<Record<string, JsonSchema>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(METHODS).map(([name, method]) => [
      name,
      {
        ...('description' in method ? { description: method.description } : {}),
        ...propertiesOf(methods[name]),
      },
    ]),
  );
}

function propertiesOf(
  schema: z.core.JSONSchema._JSONSchema | undefined,
): Readonly<Record<string, JsonSchema>> {
  return (typeof schema === 'object' ? (schema.properties ?? {}) : {}) as Readonly<
    Record<string, JsonSchema>
  >;
}

/** Says nothing that the shim's small checker does not know, and that goes without saying. */
function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      delete jsonSchema.propertyNames;
      // Only the patterns of JavaScript escape a slash.
      if (jsonSchema.pattern !== undefined) jsonSchema.pattern = jsonSchema.pattern.replaceAll('\\/', '/');
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
}
