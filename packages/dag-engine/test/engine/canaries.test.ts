import { createRedactor, Secret, silentLogger, type LogFields } from '@agentswarm/core';
import fc from 'fast-check';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { ArtifactStore, openArtifactRows } from '../../src/engine/artifacts/artifact-store.ts';
import { CredentialProvider } from '../../src/engine/credentials/credential-provider.ts';
import { createContextAssembler } from '../../src/engine/memory/context-assembler.ts';
import { MemoryWriter } from '../../src/engine/memory/memory-writer.ts';
import { openMemoryStores } from '../../src/engine/memory/open-memory-stores.ts';
import { MetricsCollector } from '../../src/engine/metrics/metrics-collector.ts';
import { DEFAULT_METRICS } from '../../src/engine/manifests/parse-metrics.ts';
import type { CredentialDeclaration, MemoryStoreConfig } from '../../src/engine/model/manifest-set.ts';
import type { StageExecutionRecord } from '../../src/engine/model/stage-record.ts';
import { PluginRegistry } from '../../src/engine/plugins/plugin-registry.ts';
import { createPolicy } from '../../src/engine/policy/policy.ts';
import { EventBus } from '../../src/engine/telemetry/event-bus.ts';
import { createTempFolder } from '../memory-child.ts';

const clock = { nowMs: () => 0 };

function credential(id: string, where: Partial<CredentialDeclaration['auth']>): CredentialDeclaration {
  const auth = {
    type: 'api_key',
    source: 'env',
    env_var: null,
    file_path: null,
    file_key: null,
    ...where,
  } as const;
  return { id, provider: 'p', auth, config: {} };
}

function store(backend: string): MemoryStoreConfig {
  return { backend, file_path: null, db_path: null, max_items: null, declared: {} };
}

function stage(text: string): StageExecutionRecord {
  const call = { call_id: 'c', tool_id: 'read', stage_id: 'n', inputs: {}, error: null, metadata: {} };
  return {
    task_id: 't',
    seq: 1,
    attempt: 1,
    node_id: 'n',
    node_role: 'linear',
    node_kind: 'agent',
    input: text,
    output: { [text]: [text] },
    error: null,
    node_status: 'completed',
    tool_plan: null,
    tool_calls: [{ ...call, output: `read: ${text}`, started_at: '', completed_at: '' }],
    context_profile_id: null,
    context_metadata: null,
    started_at: '',
    completed_at: '',
  };
}

/** Everything the parts of an engine would show or keep of a node that got hold of the secrets. */
async function showEverything(
  folder: string,
  [fromEnv, fromFile]: readonly [string, string],
): Promise<string> {
  const logged: LogFields[] = [];
  const log = (fields: LogFields) => void logged.push(fields);
  const logger = { ...silentLogger, warn: log, error: log };
  const credentials = new CredentialProvider(
    [credential('e', { env_var: 'KEY' }), credential('f', { source: 'file', file_path: 'secret.key' })],
    { env: { KEY: fromEnv }, configDir: folder, logger },
  );
  const { redact } = credentials;
  const bus = new EventBus({ clock, metadata: {}, redact, logger });
  const plugins = new PluginRegistry(logger);
  const metrics = new MetricsCollector({ profile: DEFAULT_METRICS, clock });
  const seen: unknown[] = [];
  plugins.register({ pluginId: 'spy', onEvent: (event) => void seen.push(event) });
  bus.subscribe((event) => plugins.dispatch(event));
  bus.subscribe((event) => metrics.observe(event));
  const stateRoot = join(folder, 'state');
  const stores = await openMemoryStores(
    { stores: { task: store('file'), project: store('sqlite'), global: store('in_memory') } },
    { stateRoot, clock, logger },
  );
  const rows = openArtifactRows({ backend: 'sqlite', db_path: null, max_items: null }, stateRoot);
  const ids = { hex: () => '0', uuid: () => 'id' };
  const artifacts = new ArtifactStore({ rows, clock, ids, manifestDigest: '', redact });
  const writer = new MemoryWriter({ stores, clock, events: bus, redact });
  const task = { task_id: 't', parent_task_id: null, spec: { metadata: {} } };
  const leak = `leaked ${fromEnv} and ${fromFile}`;

  credentials.report(bus);
  bus.emit({
    name: 'tool_completed',
    task_id: 't',
    stage_id: 'n',
    payload: { tool_id: 'x', output: { [leak]: leak } },
  });
  artifacts.add({
    task_id: 't',
    node_id: 'n',
    artifact_type: 'node_output',
    payload: leak,
    additional_metadata: { leak },
  });
  await writer.remember(task, stage(leak));
  await writer.put(
    'project',
    { context_item_id: 'i', kind: 'k', source: 's', payload: leak, metadata: { leak } },
    { task_id: 't', project_id: 'default' },
  );
  const profile = {
    id: 'all',
    max_tokens: 1000,
    retrieval_policy: 'recency' as const,
    sources: [
      { store: 'task' as const, tags: [], inherit: false },
      { store: 'project' as const, tags: [], inherit: false },
    ],
    metadata: {},
  };
  const assembler = createContextAssembler({ stores, profiles: [profile], policy: createPolicy([]), clock });
  const context = await assembler.assemble(task, 'all');
  const shown = [bus.events(), seen, metrics.getSamples(), logged, context, artifacts.list(), credentials];
  const text = `${inspect(shown, { depth: 20, showHidden: true })}\n${JSON.stringify(shown)}`;
  for (const each of Object.values(stores)) await each.close();
  artifacts.close();
  const memory = join(stateRoot, 'memory');
  const kept = readdirSync(memory).map((name) => readFileSync(join(memory, name), 'latin1'));
  expect(kept.join('')).toContain('leaked *** and ***');
  return [text, ...kept].join('\n');
}

it('keeps and shows no loaded secret anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.stringMatching(/^[!-~]{10,40}$/),
      fc.stringMatching(/^[A-Za-z0-9_-]{20,60}$/),
      async (a, b) => {
        fc.pre(!a.includes('*') && !a.startsWith(' ') && a.trim() === a);
        await using folder = await createTempFolder();
        writeFileSync(folder.join('secret.key'), b, { mode: 0o644 });
        const everything = await showEverything(folder.path, [a, b]);
        for (const canary of [a, b, JSON.stringify(a).slice(1, -1)]) expect(everything).not.toContain(canary);
      },
    ),
    { numRuns: process.env['TEST_DEEP'] === undefined ? 10 : 200 },
  );
});

it('would notice a canary', () => {
  const redact = createRedactor([new Secret('canary-1234')]);
  expect(redact('a canary-1234')).toBe('a ***');
  expect(redact('a canary-123')).toBe('a canary-123');
});
