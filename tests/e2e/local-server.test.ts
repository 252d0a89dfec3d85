import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { remainingProcesses } from '../support/left-behind.ts';
import { runAgentswarm } from '../support/run-agentswarm.ts';
import { createSmallTarget, type SmallTarget } from '../support/small-target.ts';

const ENTRY = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const FAILING = fileURLToPath(new URL('./fixtures/failing-model-server.ts', import.meta.url));
const FEATURES = ['alpha'] as const;

let target: SmallTarget;
let port: number;

beforeEach(async () => {
  target = createSmallTarget({ tasks: FEATURES });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  server.close();
  await once(server, 'close');
});

afterEach(() => rmSync(target.root, { recursive: true }));

const serveCommand = () => [
  process.execPath,
  '--conditions=@agentswarm/source',
  ...[ENTRY, 'model', 'serve', '--script', target.script, '--port', String(port)],
];

function agentswarm(args: readonly string[], start: readonly string[] | undefined) {
  const endpoint = { name: 'own', endpoint: `http://127.0.0.1:${port}`, ...(start && { start }) };
  return runAgentswarm([...args, '--target', target.path], {
    env: {
      LLM_ENDPOINTS: JSON.stringify([endpoint]),
      LLM_MODEL: 'scripted-small',
      ISOLATION: 'none',
      MAX_WORKERS: '1',
      // What a server printed that failed is kept there.
      TMPDIR: target.root,
    },
  });
}

it('starts the model server of its endpoint, meets its goal and ends it', async () => {
  const met = await agentswarm(['run', '--json'], serveCommand());
  expect(met, met.stderr).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(met.stdout)).toMatchObject({ outcome: 'goal_met', metrics: { tasks: { landed: 1 } } });
  expect(await remainingProcesses(target.root)).toEqual([]);
});

it('waits for a model that nobody started, and for one that cannot be', async () => {
  const stopped = await agentswarm(['run', '--json'], undefined);
  expect(stopped, stopped.stderr).toMatchObject({ exitCode: 3 });
  expect(stopped.stderr).toContain('waiting for a model: scripted-small at endpoint own is not running');
  expect(stopped.stderr).toContain('hint: start the model');

  const dying = [process.execPath, '-e', 'console.error("no memory for the model"); process.exit(9)'];
  const failed = await agentswarm(['run', '--json'], dying);
  expect(failed, failed.stderr).toMatchObject({ exitCode: 3 });
  expect(failed.stderr).toContain('scripted-small at endpoint own could not be started');
  expect(failed.stderr).toContain('ended with exit code 9; it printed last: no memory for the model');
});

it('ends a server that is still loading when it is stopped itself', async () => {
  const loading = 'process.kill(process.ppid, "SIGTERM"); setInterval(() => {}, 1000);';
  const stopped = await agentswarm(['run', '--json'], [process.execPath, '-e', loading, target.root]);
  expect(stopped, stopped.stderr).toMatchObject({ exitCode: 130, signal: null });
  expect(await remainingProcesses(target.root)).toEqual([]);
});

it('pauses when its model server is gone and cannot be started again, and goes on with today’s command', async () => {
  const failing = [process.execPath, FAILING, String(port), `${target.root}/was-started`];
  const paused = await agentswarm(['run', '--json'], failing);
  expect(paused, paused.stderr).toMatchObject({ exitCode: 3 });
  expect(JSON.parse(paused.stdout)).toMatchObject({
    outcome: 'paused',
    reason: expect.stringMatching(
      /could not be started: .* exit code 1; it printed last: the device is gone /,
    ),
  });
  expect(paused.stderr).toContain('resume with: ');
  const met = await agentswarm(['resume', '--json'], serveCommand());
  expect(met, met.stderr).toMatchObject({ exitCode: 0 });
  expect(await remainingProcesses(target.root)).toEqual([]);
});
