import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HandoffSchema } from '@agentswarm/core';
import { describe, expect, test } from 'vitest';
import { startFakeGateway, type Reply } from './fake-gateway.ts';
import { bash, submit, write } from './replies.ts';
import { createWorkplace, errorsOf, runToEnd, startWorker, TOKEN } from './worker-fixture.ts';

const BRANCH = 'worker/add-greeting.1';
const AGENTS = [
  ['pi', { kind: 'pi' }, 'model_failed'],
  [
    'command',
    { kind: 'command', command: ['node', join(import.meta.dirname, 'scripted-agent.mjs')] },
    'agent_failed',
  ],
] as const;

/** What a worker does with every agent, whoever drives it. */
describe.each(AGENTS)('a worker with the agent %s', (_name, agent, failure) => {
  async function work(replies: readonly Reply[] | (() => Reply), kind: 'socket' | 'url' = 'socket') {
    const place = createWorkplace();
    await using gateway = await startFakeGateway(replies, kind === 'socket' ? { socket: place.socket } : {});
    const result = await runToEnd(place, place.assignment(gateway.address, { agent }));
    return { ...result, place, gateway };
  }

  test.each(['socket', 'url'] as const)('hands in what the agent did, over a gateway %s', async (kind) => {
    const { place, gateway, ...result } = await work(
      [write('greeting.txt', 'hello\n'), bash('git commit -qm own --allow-empty; rm README.md'), submit()],
      kind,
    );
    using _place = place;
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    const handoff = HandoffSchema.parse(place.handoff());
    expect(handoff).toMatchObject({
      status: 'complete',
      summary: 'Add the greeting\n\nVerified.',
      base: place.base,
    });
    expect(place.intake('rev-parse', BRANCH)).toBe(handoff.head);
    expect(place.intake('log', '--format=%s|%an', BRANCH)).toBe(
      'add-greeting: Add the greeting|AgentSwarm Worker\nown|AgentSwarm Worker\nbase|Base',
    );
    expect(place.intake('ls-tree', '--name-only', BRANCH)).toBe('greeting.txt');
    expect(gateway.requests[0]?.authorization).toBe(`Bearer ${TOKEN}`);
    expect(gateway.requests[0]?.body.model).toBe('test-model');
    expect(JSON.stringify(gateway.requests[0]?.body.messages)).toContain('Task: add-greeting\\nAttempt: 1');
  });

  test('keeps the report as it was made', async () => {
    const report = { status: 'partial', summary: 'Half', concerns: ['no test'], suggestions: ['more'] };
    const { place } = await work([submit(report)]);
    using _place = place;
    expect(place.handoff()).toMatchObject(report);
  });

  test('fails when the model refuses, and keeps what was done', async () => {
    const { place, ...result } = await work([write('greeting.txt', 'hello\n'), { status: 401 }]);
    using _place = place;
    expect(result.exitCode).toBe(1);
    expect(errorsOf(result.frames)).toEqual([
      { code: failure, message: expect.stringContaining('401') as string },
    ]);
    expect(existsSync(`${place.root}/control/handoff.json`)).toBe(false);
    expect(place.intake('show', `${BRANCH}:greeting.txt`)).toBe('hello');
  });

  test('shows its token in no frame, log, commit or argument list', async (context) => {
    if (!existsSync('/proc/self')) context.skip('argument lists are read from /proc');
    const spy = 'cat /proc/*/cmdline 2>/dev/null | tr "\\0" " " > cmdline.txt';
    const { place, ...result } = await work([bash(spy), { text: `I know ${TOKEN}.` }, submit()]);
    using _place = place;
    expect(JSON.stringify(result.frames) + result.stdout + result.stderr).not.toContain(TOKEN);
    expect(readFileSync(join(place.workdir, 'cmdline.txt'), 'utf8')).toContain('main.ts');
    expect(place.intake('log', '-p', '--all')).not.toContain(TOKEN);
    expect(readFileSync(`${place.root}/control/handoff.json`, 'utf8')).not.toContain(TOKEN);
  });

  test('ends on SIGTERM with every command of the agent, and its work is in the intake', async (context) => {
    if (!existsSync('/proc/self')) context.skip('processes are looked up in /proc');
    using place = createWorkplace();
    const command = 'echo hello > greeting.txt; sleep 600 & echo $! > $TMPDIR/pid; sleep 600; touch late.txt';
    await using gateway = await startFakeGateway([bash(command)], { socket: place.socket });
    const worker = startWorker(place, place.assignment(gateway.address, { agent }));
    const pidFile = `${place.env.TMPDIR}/pid`;
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'));
    const child = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(child)).toBe(true);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ exitCode: 143 });
    expect(place.intake('ls-tree', '--name-only', BRANCH)).toBe('README.md\ngreeting.txt');
    await until(() => !isAlive(child));
  });
});

/** The time limit of the test is the limit of the wait. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A process that nobody has waited for yet is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
