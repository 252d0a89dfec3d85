import { expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { BUILT_IN_SCHEMAS } from './built-in-schemas.ts';
import { SchemaRegistry } from './schema-registry.ts';

const paths = (registry: SchemaRegistry, ref: string | JsonObject, value: JsonValue) =>
  registry.check(ref, value).map(({ path, keyword }) => `${path} ${keyword}`);

it('can use every built-in schema', () => {
  const registry = new SchemaRegistry();
  const names =
    'task_spec task failure_signature node edge workflow_graph agent_definition agent_manifest tool_definition ' +
    'tool_plan tool_step tool_call_record gather_context_input gather_context_output execution_input ' +
    'execution_output memory_config context_item context_fingerprint context_profile context_profile_source ' +
    'context_request context_package event override_spec engine_error';
  expect(Object.keys(BUILT_IN_SCHEMAS).sort()).toEqual(names.split(' ').sort());
  for (const name of names.split(' ')) expect(registry.problemOf(name), name).toBeNull();
  expect(paths(registry, 'tool_plan', { steps: [{ tool_id: 't', inputs: {}, more: 1 }] })).toEqual([]);
  expect(paths(registry, 'tool_plan', { steps: [{ tool_id: '', inputs: [] }] })).toEqual([
    '/steps/0/tool_id minLength',
    '/steps/0/inputs type',
  ]);
});

it('resolves references between schemas by id, with and without an extension, also in circles', () => {
  const registry = new SchemaRegistry({
    tree: {
      type: 'object',
      properties: { leaf: { $ref: './leaf.json#/$defs/name' }, below: { $ref: 'forest' } },
    },
    forest: { type: 'array', items: { $ref: 'tree.yaml' } },
    leaf: { $defs: { name: { type: 'string' } } },
    'my tree': { $ref: 'tree' },
  });
  expect(paths(registry, 'my tree', { leaf: 'x', below: [{ below: [] }] })).toEqual([]);
  expect(paths(registry, 'my tree', { below: [{ below: [{ leaf: 1 }] }] })).toEqual([
    '/below/0/below/0/leaf type',
  ]);
});

it('checks with the draft that a schema names, and 2020-12 without one', () => {
  const tuple = { items: [{ type: 'string' }], additionalItems: false };
  const registry = new SchemaRegistry({
    old: { $schema: 'http://json-schema.org/draft-07/schema#', ...tuple, definitions: {} },
    now: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      prefixItems: [{ type: 'string' }],
      items: false,
    },
    mixed: tuple,
    across: { $ref: 'old' },
  });
  expect(paths(registry, 'old', ['a', 'b'])).toEqual([' additionalItems']);
  expect(paths(registry, 'now', ['a', 'b'])).toEqual([' items']);
  expect(registry.problemOf('mixed')).toContain('is no JSON Schema: /items');
  expect(registry.problemOf('across')).toBe('refers to "old" of another draft');
});

it('says why a schema cannot be used, and lets nothing pass it', () => {
  const registry = new SchemaRegistry({
    bad: { type: 'ghost' },
    lost: { $ref: '#/$defs/ghost' },
    pattern: { pattern: '(' },
  });
  expect(registry.problemOf('ghost')).toBe('unknown schema "ghost"');
  expect(registry.problemOf('bad')).toContain('is no JSON Schema');
  expect(registry.problemOf('lost')).toContain('#/$defs/ghost');
  expect(registry.problemOf('pattern')).toContain('regular expression');
  expect(registry.problemOf({ $ref: 'bad' })).toContain('is no JSON Schema');
  expect(paths(registry, 'ghost', {})).toEqual([' schema']);
  expect(registry.schemaOf('ghost')).toBe(false);
});

it('takes what only looks like a reference for the data it is', () => {
  const registry = new SchemaRegistry({
    names: {
      properties: { $ref: { type: 'string' }, link: { const: { $ref: 'https://example.com/x' } } },
      default: { $ref: '//x' },
    },
  });
  expect(paths(registry, 'names', { $ref: 'text', link: { $ref: 'https://example.com/x' } })).toEqual([]);
  expect(paths(registry, 'names', { $ref: 1 })).toEqual(['/$ref type']);
});

it('neither coerces, nor fills in, nor strips', () => {
  const schema = {
    type: 'object',
    properties: { n: { type: 'number' }, d: { default: 1 } },
    additionalProperties: false,
  };
  const registry = new SchemaRegistry();
  const value = { n: '1', extra: true };
  expect(registry.check(schema, value)).toEqual([
    { path: '', keyword: 'additionalProperties', message: 'must NOT have additional properties: "extra"' },
    { path: '/n', keyword: 'type', message: 'must be number' },
  ]);
  expect(value).toEqual({ n: '1', extra: true });
});

it('asks for properties of the value itself, not for those every object has', () => {
  const registry = new SchemaRegistry();
  const schema = { required: ['constructor', '__proto__'] };
  expect(paths(registry, schema, {})).toHaveLength(2);
  expect(paths(registry, schema, JSON.parse('{"constructor":1,"__proto__":2}'))).toEqual([]);
});

it('survives a value that nests deeper than a stack', () => {
  const registry = new SchemaRegistry({ list: { type: 'array', items: { $ref: '#' } } });
  let value: JsonValue = [];
  for (let depth = 0; depth < 100_000; depth += 1) value = [value];
  expect(paths(registry, 'list', value)).toEqual([' schema']);
});

it('shows a project its own schema where the name is a built-in one', () => {
  const registry = new SchemaRegistry({ task: { const: 1 } });
  expect(registry.check('task', 1)).toEqual([]);
  expect(registry.schemaOf('task')).toEqual({ const: 1 });
});

it('does not wait for a pattern that backtracks without end', () => {
  const registry = new SchemaRegistry({ word: { pattern: '^(a+)+$' } }, { checkTimeoutMs: 50 });
  expect(registry.check('word', 'aaa')).toEqual([]);
  expect(registry.check('word', `${'a'.repeat(60)}!`)).toEqual([
    { path: '', keyword: 'schema', message: 'cannot be checked within 50 ms' },
  ]);
  expect(registry.check('word', 'aaa')).toEqual([]);
});

it('ends where a reference only leads to itself', () => {
  const registry = new SchemaRegistry({ a: { $ref: 'b' }, b: { $ref: 'a' }, self: { $ref: '#' } });
  for (const id of ['a', 'self']) {
    expect(registry.problemOf(id)).toBeNull();
    expect(registry.check(id, 1)).toEqual([
      { path: '', keyword: 'schema', message: expect.stringContaining('cannot be checked') as string },
    ]);
  }
});
