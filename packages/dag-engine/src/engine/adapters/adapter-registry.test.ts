import { createRedactor, Secret } from '@agentswarm/core';
import { expect, it } from 'vitest';
import { InMemoryStore } from '../memory/in-memory-store.ts';
import type { JsonObject } from '../model/json.ts';
import type { MemoryStoreConfig, ToolDefinition } from '../model/manifest-set.ts';
import { AdapterRegistry } from './adapter-registry.ts';

type Client = { readonly config: JsonObject };

function hashOf(config: JsonObject, registry = new AdapterRegistry<Client, string>()): string {
  registry.registerLlm({ adapter_id: 'p/m', version: '', enabled: true, metadata: {}, config });
  return registry.getAdapterMetadata()[0]!.config_hash;
}

it('makes what factories were registered for, and nothing else', () => {
  const registry = new AdapterRegistry<Client, string>();
  const store = new InMemoryStore({ maxItems: null });
  registry.registerLlmFactory('mine', (config) => ({ config }));
  registry.registerToolFactory('shell', (definition, root) => `${definition.tool_id} in ${root}`);
  registry.registerMemoryStoreFactory('redis', () => store);
  const config: MemoryStoreConfig = {
    backend: 'redis',
    file_path: null,
    db_path: null,
    max_items: null,
    declared: {},
  };
  const tool = { tool_id: 'run', type: 'shell' } as ToolDefinition;
  expect(registry.createLlm('mine', { temperature: 0 })).toEqual({ config: { temperature: 0 } });
  expect(registry.toolFactory('shell')?.(tool, '/work')).toBe('run in /work');
  expect(registry.createMemoryStore('redis', 'task', config)).toBe(store);
  expect(registry.createLlm('__proto__', {})).toBeNull();
  expect(registry.toolFactory('constructor')).toBeUndefined();
  expect(registry.createMemoryStore('file', 'task', config)).toBeNull();
});

it('lists models before tools, each with the hash of its settings', () => {
  const registry = new AdapterRegistry<Client, string>();
  const described = { version: '1.0.0', enabled: true, metadata: { a: 1 }, config: {} };
  registry.registerTool({ ...described, adapter_id: 'read' });
  registry.registerLlm({ ...described, adapter_id: 'p/m', version: '' });
  const config_hash = hashOf({});
  expect(registry.getAdapterMetadata()).toEqual([
    { adapter_id: 'p/m', adapter_type: 'llm', version: '', enabled: true, metadata: { a: 1 }, config_hash },
    {
      adapter_id: 'read',
      adapter_type: 'tool',
      version: '1.0.0',
      enabled: true,
      metadata: { a: 1 },
      config_hash,
    },
  ]);
  expect(config_hash).toMatch(/^[0-9a-f]{64}$/);
});

it('hashes settings, whatever the order of their keys', () => {
  expect(hashOf({ b: { y: 1, x: [1, 2] }, a: null, 10: 1, 9: 2 })).toBe(
    hashOf({ 9: 2, 10: 1, a: null, b: { x: [1, 2], y: 1 } }),
  );
  expect(hashOf({ x: [1, 2] })).not.toBe(hashOf({ x: [2, 1] }));
  expect(hashOf({ max_tokens: 1 })).not.toBe(hashOf({ max_tokens: 2 }));
});

it('hashes no secret: neither by the name of its key nor by its value', () => {
  for (const key of [
    'api_key',
    'apiKey',
    'API-KEY',
    'auth_token',
    'password',
    'client_secret',
    'Authorization',
  ]) {
    expect(hashOf({ headers: { [key]: 'one' } }), key).toBe(hashOf({ headers: { [key]: 'two' } }));
  }
  const redacting = (secret: string) =>
    new AdapterRegistry<Client, string>({ redact: createRedactor([new Secret(secret)]) });
  expect(hashOf({ base_url: 'https://h/?k=canary1' }, redacting('canary1'))).toBe(
    hashOf({ base_url: 'https://h/?k=canary2' }, redacting('canary2')),
  );
});
