import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import { expect, it } from 'vitest';
import { remainingProcesses } from '../support/left-behind.ts';
import { runAgentswarm } from '../support/run-agentswarm.ts';
import { createSmallTarget, gitIn } from '../support/small-target.ts';

const AGENT = fileURLToPath(new URL('../../packages/worker/test/scripted-agent.mjs', import.meta.url));

const targetWith = (tasks: readonly string[]) =>
  createSmallTarget({ tasks, files: { 'tools/agent.mjs': readFileSync(AGENT, 'utf8') } });

/** Installs the agent as a program in a folder of its own. */
function installAgent(root: string): string {
  const bin = join(root, 'tools', 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'my-agent'), `#!/usr/bin/env node\n${readFileSync(AGENT, 'utf8')}`, {
    mode: 0o755,
  });
  return bin;
}

it.each([
  ['auto', 'on the PATH', 'my-agent --prompt {prompt_file}'],
  ['none', 'in the repository', `node 'tools/agent.mjs'`],
])('AGENT_COMMAND: with isolation %s an agent %s builds it all', async (isolation, _where, command) => {
  const target = targetWith(['alpha', 'beta', 'breaker']);
  await using model = await createScriptedModelServer({ scriptDir: target.script });
  const result = await runAgentswarm(['run', '--json', '--target', target.path, '--isolation', isolation], {
    env: {
      PATH: `${installAgent(target.root)}:${process.env['PATH']}`,
      LLM_BASE_URL: model.url,
      LLM_MODEL: 'scripted-small',
      AGENT_COMMAND: command,
    },
  });
  expect(result, result.stderr).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(result.stdout)).toMatchObject({ outcome: 'goal_met' });
  const subjects = gitIn(target.remote, 'log', '--format=%s', '--no-merges', 'main');
  expect(subjects).toContain('alpha: Added alpha; node check.mjs passes.');
  const log = await runAgentswarm(['log', '--target', target.path, '--task', 'alpha', '--transcript']);
  expect(log.stdout).toMatch(/prompt:[\s\S]*Task: alpha/);
  expect(log.stdout).toMatch(/output:\s+> write \{"path":"parts\/alpha\.json"/);
  expect(await remainingProcesses(target.root)).toEqual([]);
  rmSync(target.root, { recursive: true });
});

it('AGENT_COMMAND: a program that is not there is refused before anything is spent, and doctor says so', async () => {
  const target = targetWith(['alpha']);
  await using model = await createScriptedModelServer({ scriptDir: target.script });
  const env = {
    LLM_BASE_URL: model.url,
    LLM_MODEL: 'scripted-small',
    AGENT_COMMAND: 'no-such-agent',
  };
  const result = await runAgentswarm(['run', '--plain', '--target', target.path], { env });
  expect(result, result.stdout).toMatchObject({ exitCode: 2 });
  expect(result.stderr).toContain('the agent "no-such-agent" is not there inside a sandbox, on the PATH /');
  expect(result.stderr).toContain('[AGENT_NOT_FOUND]');
  expect(result.stdout).not.toContain('planning round');
  const doctor = await runAgentswarm(['doctor', '--target', target.path], { env });
  expect(doctor, doctor.stderr).toMatchObject({ exitCode: 1 });
  expect(doctor.stdout).toMatch(/FAIL +agent +the agent "no-such-agent" is not there inside a sandbox/);
  expect(gitIn(target.path, 'for-each-ref', 'refs/agentswarm')).toBe('');
  const installed = {
    ...env,
    AGENT_COMMAND: 'my-agent',
    PATH: `${installAgent(target.root)}:${process.env['PATH']}`,
  };
  const healthy = await runAgentswarm(['doctor', '--target', target.path], { env: installed });
  expect(healthy.stdout).toMatch(/ok +agent +my-agent is there inside a sandbox/);
  rmSync(target.root, { recursive: true });
});
