import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import { probeIsolation } from '@agentswarm/sandbox-runner';
import { afterEach, describe, expect, it } from 'vitest';
import { remainingProcesses } from '../support/left-behind.ts';
import { runAgentswarm, type CommandOptions } from '../support/run-agentswarm.ts';
import { createSmallTarget, gitIn, SMALL_TASKS, type SmallTarget } from '../support/small-target.ts';

const PYTHON = fileURLToPath(new URL('../../infra/.venv/bin/python', import.meta.url));
const ISOLATION = probeIsolation().usable ? 'auto' : 'none';
const KEY = 'sk-modal-local-canary-5d1f';

let target: SmallTarget;

function describeWithPython(title: string, declare: () => void): void {
  if (existsSync(PYTHON)) describe(title, declare);
  else describe(title, () => it('works', ({ skip }) => skip('the Python side is not set up (infra/.venv)')));
}

/** Temporary folders lie below the target's root, so that whatever is left of a command is found by it. */
async function agentswarm(args: readonly string[], onOutput: CommandOptions['onOutput'] = () => {}) {
  const temporary = join(target.root, 'tmp');
  mkdirSync(temporary, { recursive: true });
  await using model = await createScriptedModelServer({ scriptDir: target.script });
  return await runAgentswarm([...args, '--target', target.path, '--base-url', model.url], {
    env: {
      LLM_API_KEY: KEY,
      LLM_MODEL: 'scripted-small',
      MAX_WORKERS: '3',
      NODE_DISABLE_COMPILE_CACHE: '1',
      TMPDIR: temporary,
      ISOLATION,
    },
    onOutput,
  });
}

/** Of everything: processes, temporary folders, and the key anywhere in the target. */
async function expectNothingLeft() {
  expect(await remainingProcesses(target.root, 30_000)).toEqual([]);
  expect(readdirSync(join(target.root, 'tmp'))).toEqual([]);
  expect(spawnSync('grep', ['-rlF', KEY, target.root], { encoding: 'utf8' }).stdout).toBe('');
}

describeWithPython('a run whose sandboxes go the way of Modal', () => {
  afterEach(() => rmSync(target.root, { recursive: true, force: true }));

  it('lands everything and leaves nothing', { timeout: 300_000 }, async () => {
    target = createSmallTarget();
    const result = await agentswarm(['run', '--json', '--backend', 'modal-local']);
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(result.stdout)).toMatchObject({ outcome: 'goal_met' });
    const parts = gitIn(target.remote, 'ls-tree', '--name-only', 'main', 'parts/').split('\n');
    expect(parts).toEqual(['base', ...SMALL_TASKS].map((id) => `parts/${id}.json`).toSorted());
    await expectNothingLeft();
  });

  it.each(['SIGINT', 'SIGKILL'] as const)(
    'ended by %s in the middle of it, it leaves nothing, and is taken up again',
    { timeout: 300_000 },
    async (signal) => {
      target = createSmallTarget({ tasks: ['alpha', 'beta'] });
      let seen = '';
      const first = await agentswarm(['run', '--events', '--backend', 'modal-local'], (text, kill) => {
        seen += text;
        if (seen.includes('"attempt_started"')) kill(signal);
      });
      expect(signal === 'SIGKILL' ? first.signal : first.exitCode).toBe(signal === 'SIGKILL' ? signal : 130);
      expect(await remainingProcesses(target.root, 30_000)).toEqual([]);

      const second = await agentswarm(['resume', '--json']);
      expect(second, second.stderr).toMatchObject({ exitCode: 0 });
      expect(JSON.parse(second.stdout)).toMatchObject({ outcome: 'goal_met' });
      expect(await remainingProcesses(target.root, 30_000)).toEqual([]);
    },
  );
});
