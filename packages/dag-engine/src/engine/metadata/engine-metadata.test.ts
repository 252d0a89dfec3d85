import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { collectMetadata, type CollectMetadataOptions } from './engine-metadata.ts';

const folder = mkdtempSync(join(tmpdir(), 'metadata-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOW = '2030-01-01T00:00:00.000Z';

function collect(options: Partial<CollectMetadataOptions> = {}) {
  return collectMetadata({
    manifests: {
      config_dir: '/config',
      file_hashes: { 'tools.yaml': 'b', 'agents.yaml': 'a' },
      deployment: null,
    },
    adapters: [],
    engineVersion: '1.2.3',
    clock: { nowMs: () => Date.parse(NOW) },
    env: {},
    ...options,
  });
}

it('says what an engine was built from', () => {
  const adapter = { adapter_type: 'tool', config_hash: 'h', enabled: true, metadata: {} } as const;
  const adapters = [
    { ...adapter, adapter_id: 'read', version: '2.0.0' },
    { ...adapter, adapter_id: 'plain', version: '' },
  ];
  const metadata = collect({ adapters });
  expect(metadata).toEqual({
    engine_version: '1.2.3',
    manifest_hashes: { 'tools.yaml': 'b', 'agents.yaml': 'a' },
    manifest_digest: createHash('sha256').update('agents.yaml:a\ntools.yaml:b\n').digest('hex'),
    schema_version: '1.2.3',
    adapter_versions: { read: '2.0.0' },
    adapter_metadata: adapters,
    load_timestamp: NOW,
    config_dir: '/config',
    deployment_id: '',
    deployment_timestamp: NOW,
    bootstrap_hash: '',
    environment: '',
    additional: {},
  });
  expect(Object.isFrozen(metadata.manifest_hashes)).toBe(true);
});

it('changes its digest with the content and the names of files, not with their order', () => {
  const digest = (file_hashes: Record<string, string>) =>
    collect({ manifests: { config_dir: '', file_hashes, deployment: null } }).manifest_digest;
  expect(digest({ a: '1', b: '2' })).toBe(digest({ b: '2', a: '1' }));
  expect(new Set([digest({ a: '1' }), digest({ a: '2' }), digest({ b: '1' }), digest({})]).size).toBe(4);
});

it('takes the deployment from the environment, then from the manifest', () => {
  const deployment = { layout: 'single', manifest_version: '3', bootstrap: ['init'], environment: 'staging' };
  const manifests = { config_dir: '', file_hashes: {}, deployment };
  expect(collect({ manifests })).toMatchObject({ environment: 'staging', additional: deployment });
  const env = {
    DEPLOYMENT_ENV: 'test',
    DEPLOYMENT_ID: 'd1',
    DEPLOYMENT_TIMESTAMP: 'then',
    BOOTSTRAP_HASH: 'hash',
  };
  expect(collect({ manifests, env })).toMatchObject({
    environment: 'test',
    deployment_id: 'd1',
    deployment_timestamp: 'then',
    bootstrap_hash: 'hash',
  });
  expect(collect({ env: { ...env, AGENT_ENGINE_ENV: 'production' } }).environment).toBe('production');
});

it('hashes the bootstrap file when there is one', () => {
  const path = join(folder, 'bootstrap.json');
  expect(collect({ bootstrapFile: path }).bootstrap_hash).toBe('');
  expect(collect({ bootstrapFile: folder }).bootstrap_hash).toBe('');
  writeFileSync(path, '{}');
  expect(collect({ bootstrapFile: path }).bootstrap_hash).toBe(
    createHash('sha256').update('{}').digest('hex'),
  );
});
