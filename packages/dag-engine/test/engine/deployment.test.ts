import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { checkEngineHealth, Engine, openTaskArchive } from '../../src/engine.ts';
import { createConfigDirectory, edge, LINEAR_WORKFLOW } from './config-directory.ts';

const templates = fileURLToPath(new URL('../../templates/', import.meta.url));
const REMEMBERING = { 'memory.yaml': { memory: { project_store: { backend: 'file' } } } };

/** Runs a script of the deployment template in a folder laid out as a deployment is. */
async function runScript(name: string, cwd: string, argv: readonly string[] = []) {
  const script = join(templates, 'deployment', 'scripts', name);
  const program = name.endsWith('.sh') ? 'sh' : process.execPath;
  const child = spawn(program, [script, ...argv], {
    cwd,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      NODE_OPTIONS: '--conditions=@agentswarm/source',
      AGENT_ENGINE_ENV: 'test',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { code, stdout, stderr };
}

it('looks at the health of an engine that is running, and leaves nothing behind', async () => {
  await using directory = await createConfigDirectory(REMEMBERING);
  const configDir = directory.path;
  expect(await checkEngineHealth({ configDir })).toMatchObject({ status: 'healthy' });
  expect(await readdir(configDir)).not.toContain('.agent_engine');
  await using _engine = await Engine.fromConfigDir(configDir);
  expect(await checkEngineHealth({ configDir })).toMatchObject({
    status: 'healthy',
    checks: { engine_load: { status: 'healthy' }, manifests: { status: 'healthy' } },
  });
});

it('is unhealthy with a DAG that is none, and says which node is at fault', async () => {
  const { nodes, edges } = LINEAR_WORKFLOW;
  const workflow = { nodes, edges: [...edges, edge('exit>main')] };
  await using directory = await createConfigDirectory({ 'workflow.yaml': workflow });
  const { status, checks } = await checkEngineHealth({ configDir: directory.path });
  expect([status, checks.engine_load.status]).toEqual(['unhealthy', 'unhealthy']);
  expect(checks.dag_validation).toMatchObject({
    status: 'unhealthy',
    message: expect.stringContaining('exit'),
  });
});

it('is unhealthy with a backend that nobody registered, which opening would have found', async () => {
  await using directory = await createConfigDirectory({
    'memory.yaml': { memory: { task_store: { backend: 'elsewhere' } } },
    // A plugin might register it, so that only loading the plugins tells.
    'plugins.yaml': { plugins: [{ id: 'observer', entrypoint: './observer.mjs:Observer' }] },
    'observer.mjs': 'export class Observer { pluginId = "observer"; onEvent() {} }',
  });
  const { checks } = await checkEngineHealth({ configDir: directory.path });
  expect(checks.engine_load.message).toContain(
    'memory.yaml at memory.task_store: unknown backend "elsewhere"',
  );
});

it('is degraded by what a restart would not mend', async () => {
  await using directory = await createConfigDirectory({
    'provider_credentials.yaml': {
      provider_credentials: [
        { id: 'key', provider: 'p', auth: { type: 'api_key', source: 'env', env_var: 'MISSING_KEY' } },
      ],
    },
  });
  const longAgo = new Date('2020-01-01');
  await utimes(join(directory.path, 'tools.yaml'), longAgo, longAgo);
  const missing = join(directory.workspace, 'data');
  const report = await checkEngineHealth({ configDir: directory.path, directories: [missing] });
  expect(report.status).toBe('degraded');
  expect(report.checks).toMatchObject({
    engine_load: { status: 'healthy' },
    manifest_age: { status: 'degraded' },
    directories: { status: 'degraded', message: `${missing}: ENOENT` },
    environment: { status: 'degraded', message: expect.stringContaining('key') },
  });
});

it('prepares a deployment of the project template and finds it healthy', async () => {
  await using directory = await createConfigDirectory();
  const root = join(directory.workspace, 'deployed');
  await mkdir(root);
  expect(await runScript('healthcheck.mjs', root)).toMatchObject({ code: 1 });
  await cp(join(templates, 'project_template', 'config'), join(root, 'config'), { recursive: true });
  const before = await runScript('healthcheck.mjs', root, ['--strict']);
  expect([before.code, JSON.parse(before.stdout)]).toMatchObject([2, { status: 'degraded' }]);
  const started = await runScript('bootstrap.sh', root, ['echo', 'started']);
  expect(started).toEqual({ code: 0, stdout: 'started\n', stderr: '' });
  const record = JSON.parse(await readFile(join(root, 'data', 'bootstrap.json'), 'utf8'));
  expect(record).toMatchObject({
    deployment_env: 'test',
    config_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const after = await runScript('healthcheck.mjs', root, ['--strict']);
  expect([after.code, JSON.parse(after.stdout)]).toMatchObject([0, { status: 'healthy' }]);
});

it.each(['systemd/agent-engine.environment', 'docker/Dockerfile'])(
  'sets each variable once in %s',
  async (file) => {
    const text = await readFile(join(templates, 'deployment', file), 'utf8');
    const names = [...text.matchAll(/^(?:ENV)? *([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names).toContain('AGENT_ENGINE_STATE_DIR');
    expect(names).toEqual([...new Set(names)]);
  },
);

it('keeps secrets and state out of an image, wherever the build looks for what to leave out', async () => {
  const docker = join(templates, 'deployment', 'docker');
  // The one beside the Dockerfile counts where the context is another folder, as in docker-compose.yml.
  const [beside, inContext] = await Promise.all(
    ['Dockerfile.dockerignore', '.dockerignore'].map((name) => readFile(join(docker, name), 'utf8')),
  );
  expect(beside).toBe(inContext);
  expect(beside?.split('\n')).toEqual(expect.arrayContaining(['**/.env', '**/.agent_engine']));
});

it('does not run every input again because one of them failed', async () => {
  const unit = await readFile(join(templates, 'deployment', 'systemd', 'agent-engine.service'), 'utf8');
  expect(unit).toMatch(/^Restart=on-failure$/m);
  expect(unit).toMatch(/^RestartPreventExitStatus=1 2$/m);
});

it('refuses to bootstrap what would not load', async () => {
  await using directory = await createConfigDirectory({ 'workflow.yaml': { nodes: [], edges: [] } });
  const { code, stderr } = await runScript('bootstrap.mjs', directory.workspace);
  expect([code, stderr]).toEqual([1, 'bootstrap: DAG validation error: there are no nodes\n']);
});

it('opens the tasks of an engine that no longer loads', async () => {
  await using directory = await createConfigDirectory();
  const engine = await Engine.fromConfigDir(directory.path);
  const { task_id: taskId } = await engine.run('hello');
  await engine.close();
  await writeFile(join(directory.path, 'workflow.yaml'), 'nodes: [');
  const { checkpoints, inspector } = openTaskArchive(directory.path);
  expect(await checkpoints.listTasks('default')).toEqual({ kind: 'loaded', value: [taskId] });
  await checkpoints.loadCheckpoint({ projectId: 'default', taskId });
  expect(inspector.getTaskSummary(taskId)).toMatchObject({ status: 'completed', stage_count: 3 });
  expect(inspector.getLineage(taskId)).toMatchObject({ task_id: taskId, children: [] });
});
