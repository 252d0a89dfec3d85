// Prepares a deployment: folders, manifests, DAG; leaves data/bootstrap.json for the engine's metadata.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Engine } from '@agentswarm/dag-engine/engine';

const root = process.cwd();
const configDir = resolve(process.env.AGENT_ENGINE_CONFIG_DIR ?? 'config');

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

function fail(message) {
  process.stderr.write(`bootstrap: ${message}\n`);
  process.exit(1);
}

if (existsSync('.env')) process.loadEnvFile('.env');
const major = Number(process.versions.node.split('.')[0]);
if (major < 22) fail(`Node 22 or newer is needed, this is ${process.versions.node}`);
for (const name of ['data', 'logs', 'artifacts']) mkdirSync(join(root, name), { recursive: true });
for (const name of ['workflow.yaml', 'agents.yaml', 'tools.yaml']) {
  if (!existsSync(join(configDir, name))) fail(`${join(configDir, name)} is missing`);
}

if (process.env.WAIT_FOR_POSTGRES) await waitFor(process.env.WAIT_FOR_POSTGRES);

try {
  const engine = await Engine.fromConfigDir(configDir, { env: process.env });
  const { engine_version } = engine.getMetadata();
  await engine.close();
  const record = {
    bootstrap_timestamp: new Date().toISOString(),
    config_hash: createHash('sha256')
      .update(readFileSync(join(configDir, 'workflow.yaml')))
      .digest('hex'),
    deployment_env: process.env.AGENT_ENGINE_ENV ?? process.env.DEPLOYMENT_ENV ?? '',
    agent_version: engine_version,
    node_version: process.versions.node,
  };
  writeFileSync(join(root, 'data', 'bootstrap.json'), `${JSON.stringify(record, undefined, 2)}\n`);
} catch (error) {
  fail(error.message);
}

/** Waits until something listens at `host:port`, a minute at most. */
async function waitFor(address) {
  const [host, port = '5432'] = address.split(':');
  for (let attempt = 0; attempt < 30; attempt += 1) {
    if (await listens(host, Number(port))) return;
    await sleep(2000);
  }
  fail(`nothing listens at ${host}:${port}`);
}

function listens(host, port) {
  const { promise, resolve: answer } = Promise.withResolvers();
  const socket = connect({ host, port });
  socket.once('connect', () => answer(true)).once('error', () => answer(false));
  return promise.finally(() => socket.destroy());
}
