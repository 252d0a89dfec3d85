import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import { expect, it } from 'vitest';
import { remainingProcesses } from '../support/left-behind.ts';
import { runAgentswarm } from '../support/run-agentswarm.ts';
import { createSmallTarget, gitIn, plannerRules } from '../support/small-target.ts';

const tool = (name: string, args: object) => ({ toolCalls: [{ name, arguments: args }] });

/** A worker that writes its part, and then never comes back from a command. */
const endless = {
  name: 'endless alpha',
  when: { system: ['^You are a worker of AgentSwarm'], user: ['^Task: alpha$'] },
  steps: [
    tool('write', { path: 'parts/alpha.json', content: '{ "slot": 1 }\n' }),
    tool('bash', { command: 'echo later > notes.txt; sleep 3600' }),
  ],
};

it('an attempt whose run is killed can be looked at, while it lives and afterwards, and restored', async () => {
  const target = createSmallTarget({ tasks: ['alpha'], rules: [endless, ...plannerRules(['alpha'])] });
  await using model = await createScriptedModelServer({ scriptDir: target.script });
  const attempts = (...args: string[]) =>
    runAgentswarm(['attempts', ...args, '--target', target.path], { cwd: target.root });
  const inspected: Promise<string>[] = [];
  const run = await runAgentswarm(['run', '--events', '--target', target.path], {
    env: { LLM_BASE_URL: model.url, LLM_MODEL: 'scripted-small' },
    onOutput(_text, kill) {
      if (inspected.length > 0) return;
      inspected.push(
        (async () => {
          for (;;) {
            const { stdout } = await attempts('list', '--json');
            if (/"snapshots": [1-9]/.test(stdout)) {
              kill('SIGKILL');
              return stdout;
            }
          }
        })(),
      );
    },
  });
  expect(run.signal).toBe('SIGKILL');
  const [live] = await Promise.all(inspected);
  expect(JSON.parse(live ?? '')).toMatchObject({ attempts: [{ id: 'alpha.1', status: 'running' }] });
  expect(await remainingProcesses(target.root)).toEqual([]);

  const shown = await attempts('show', 'alpha.1', '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({
    status: 'running',
    shown: { snapshot: 1, files: [{ path: 'parts/alpha.json', insertions: 1 }] },
    snapshots: [{ number: 1, files: 1 }],
  });
  expect((await attempts('show', 'alpha.1', '--diff')).stdout).toContain('+{ "slot": 1 }');
  expect(await attempts('restore', 'alpha.1', '--branch', 'rescued')).toMatchObject({ exitCode: 0 });
  expect(gitIn(target.path, 'show', 'rescued:parts/alpha.json')).toBe('{ "slot": 1 }');
  expect(await attempts('restore', 'alpha.1', '--to', 'look')).toMatchObject({ exitCode: 0 });
  expect(readFileSync(join(target.root, 'look', 'parts', 'alpha.json'), 'utf8')).toBe('{ "slot": 1 }\n');
  expect(existsSync(join(target.root, 'look', '.git'))).toBe(false);
  rmSync(target.root, { recursive: true });
});
