import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import { expect, it } from 'vitest';
import { runAgentswarm } from '../support/run-agentswarm.ts';
import { createSmallTarget, gitIn, plannerRules, workerRules } from '../support/small-target.ts';

const CANARIES = {
  LLM_API_KEY: 'canary-llm-3b1f9c27',
  GIT_TOKEN: 'canary-git-88d2e6a1',
  RUNPOD_API_KEY: 'canary-runpod-50ad71',
  AWS_SECRET_ACCESS_KEY: 'canary-bystander-71c0',
} as const;

const tool = (name: string, args: object) => ({ toolCalls: [{ name, arguments: args }] });

/** A worker that prints its environment, hunts for keys in files and processes, and commits what it found. */
const curious = {
  name: 'curious alpha',
  when: { system: ['^You are a worker of AgentSwarm'], user: ['^Task: alpha$'] },
  steps: [
    tool('bash', {
      command: 'cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr "\\0" "\\n"; printenv',
    }),
    tool('bash', {
      command: 'cat ../control/* ../*/* ~/.* 2>/dev/null | head -c 20000; git config --list; git remote -v',
    }),
    tool('write', { path: 'parts/alpha.json', content: '{ "slot": 1 }\n' }),
    tool('submit_handoff', { status: 'complete', summary: 'Looked around; added alpha.' }),
    { text: 'Done.' },
  ],
};

it.each(['auto', 'none'])('no key reaches anything a run leaves behind (isolation %s)', async (isolation) => {
  const target = createSmallTarget({ rules: [curious, ...plannerRules(), ...workerRules()] });
  await using model = await createScriptedModelServer({ scriptDir: target.script });
  const result = await runAgentswarm(['run', '--target', target.path, '--events', '--isolation', isolation], {
    env: { LLM_BASE_URL: model.url, LLM_MODEL: 'scripted-small', LOG_LEVEL: 'debug', ...CANARIES },
  });
  expect(result, result.stderr).toMatchObject({ exitCode: 0 });
  const transcript = gatherText(join(target.path, '.agentswarm', 'runs'));
  expect(transcript).toContain('PATH=');
  const everything = [
    result.stdout,
    result.stderr,
    gatherText(target.path),
    gatherText(target.remote),
    gitIn(target.remote, 'log', '-p', '--all'),
  ].join('\n');
  const leaked = Object.entries(CANARIES).filter(([name, value]) =>
    isLeaked(name, value, everything, isolation),
  );
  expect(leaked).toEqual([]);
  rmSync(target.root, { recursive: true });
});

/** Without isolation a process can read what the host's other processes were started with. */
function isLeaked(name: string, value: string, text: string, isolation: string): boolean {
  const isOurs = name !== 'AWS_SECRET_ACCESS_KEY';
  return text.includes(value) && (isOurs || isolation === 'auto');
}

function gatherText(path: string): string {
  if (!statSync(path).isDirectory()) return readFileSync(path, 'latin1');
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => gatherText(join(path, entry.name)))
    .join('\n');
}
