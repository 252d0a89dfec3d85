import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createEngineProject, serveModel } from './engine-project.ts';
import { spawnCli } from './spawned-cli.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

it('ends a run on Ctrl-C with 130, its task kept', async () => {
  await using project = await createEngineProject();
  const asked = Promise.withResolvers<void>();
  await using server = await serveModel(() => asked.resolve());
  const { child, result } = spawnCli(['engine', 'run', 'config', '--input', '1'], {
    cwd: project.root,
    env: { LLM_BASE_URL: server.url },
  });
  await asked.promise;
  child.kill('SIGINT');
  const { code, signal, stdout } = await result;
  expect([code, signal]).toEqual([130, null]);
  expect(stdout).toMatch(/^cancelled task-/);
  expect((await project.engine(['inspect', 'config'])).stdout).toMatch(/^cancelled /);
});

it('leaves a tool behind that does not listen', async () => {
  await using project = await createEngineProject();
  await project.write(
    'config/stuck.mjs',
    'export const wait = () => new Promise(() => setInterval(() => {}, 1000));',
  );
  const permissions = { allow_network: false, allow_shell: false, root: false };
  const tool = { type: 'custom', entrypoint: './stuck.mjs:wait', permissions };
  const tools = ['read_file', 'list_files', 'write_file'].map((id) => ({ ...tool, id }));
  await project.write('config/tools.yaml', { tools });
  const step = { tool_id: 'read_file', inputs: {}, reason: 'to wait', kind: 'read' };
  await project.write('mock.json', { answers: { answer: { main_result: 1, tool_plan: { steps: [step] } } } });
  const argv = ['engine', 'run', 'config', '--input', '1', '--events', '--mock', 'mock.json'];
  const { child, output, result } = spawnCli(argv, { cwd: project.root });
  await expect.poll(output, { timeout: 20_000 }).toContain('tool_invoked');
  child.kill('SIGINT');
  expect(await result).toMatchObject({ code: 130, signal: null });
});

it('answers line after line of a pipe that stays open', async () => {
  await using project = await createEngineProject();
  await project.write('mock.json', { answers: { answer: 'yes' } });
  const argv = ['engine', 'queue', 'config', '--input', '-', '--json', '--mock', 'mock.json'];
  const child = spawn(process.execPath, ['--conditions=@agentswarm/source', MAIN, ...argv], {
    cwd: project.root,
    env: { PATH: process.env['PATH'] ?? '', HOME: project.root },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const printed = () =>
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).history[0].output);
  for (const [index, line] of ['one', 'two'].entries()) {
    child.stdin.write(`${JSON.stringify(line)}\n`);
    await expect.poll(printed, { timeout: 20_000 }).toHaveLength(index + 1);
  }
  const closed = once(child, 'close');
  child.stdin.end();
  expect([await closed, printed()]).toEqual([
    [0, null],
    ['one', 'two'],
  ]);
});

it('checks and looks at a project while another process works with its state', async () => {
  await using project = await createEngineProject();
  const memory = await readFile(join(project.root, 'config', 'memory.yaml'), 'utf8');
  await project.write('config/memory.yaml', memory.replace('backend: sqlite', 'backend: file'));
  const asked = Promise.withResolvers<void>();
  await using server = await serveModel(() => asked.resolve());
  const cwd = project.root;
  const env = { LLM_BASE_URL: server.url };
  const running = spawnCli(['engine', 'run', 'config', '--input', '1'], { cwd, env });
  await asked.promise;
  for (const argv of [['validate'], ['healthcheck', '--strict'], ['inspect']]) {
    const [verb = '', ...flags] = argv;
    expect([argv, (await project.engine([verb, 'config', ...flags])).code]).toEqual([argv, 0]);
  }
  const second = await spawnCli(['engine', 'run', 'config', '--input', '1'], { cwd, env }).result;
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(
    /_store\.jsonl is in use by another process[^]*hint: .*AGENT_ENGINE_STATE_DIR/,
  );
  const elsewhere = { AGENT_ENGINE_STATE_DIR: join(cwd, 'elsewhere') };
  const validated = await spawnCli(['engine', 'validate', 'config'], { cwd, env: elsewhere }).result;
  expect(validated.code).toBe(0);
  running.child.kill('SIGINT');
  expect((await running.result).code).toBe(130);
});
