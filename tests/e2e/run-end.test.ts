import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import { afterEach, expect, it } from 'vitest';
import { runAgentswarm, type CommandOptions } from '../support/run-agentswarm.ts';
import { createSmallTarget, gitIn, type SmallTarget } from '../support/small-target.ts';

const PLANNER = ['^You are the planner of AgentSwarm'];
const WORKER = ['^You are a worker of AgentSwarm'];
const plan = (tasks: object[], specMet: boolean) => [{ json: { scratchpad: '', tasks, specMet } }];
const call = (name: string, args: object) => ({ toolCalls: [{ name, arguments: args }] });
const handIn = [call('submit_handoff', { status: 'complete', summary: 'Done.' }), { text: 'Done.' }];

let target: SmallTarget;
afterEach(() => rmSync(target.root, { recursive: true, force: true }));

async function run(
  args: readonly string[],
  { verb = 'run', ...env }: Record<string, string> = {},
  onOutput: CommandOptions['onOutput'] = () => {},
) {
  await using model = await createScriptedModelServer({ scriptDir: target.script });
  const output = args.includes('--events') ? [] : ['--json'];
  return await runAgentswarm([verb, '--target', target.path, '--base-url', model.url, ...output, ...args], {
    onOutput,
    env: { LLM_MODEL: 'scripted-small', ISOLATION: 'none', ...env },
  });
}

const featureOf = (status: string) =>
  `${JSON.stringify({
    features: [
      {
        id: 'alpha',
        category: 'parts',
        priority: 1,
        description: 'The part alpha',
        files: ['parts/alpha.json'],
        acceptance: ['node check.mjs passes'],
        status,
      },
    ],
  })}\n`;

it('ends with its outcome when the remote cannot be asked for main any more', async () => {
  target = createSmallTarget({
    rules: [{ name: 'met', when: { system: PLANNER }, steps: plan([], true) }],
    files: { 'FEATURES.json': featureOf('landed') },
  });
  const result = await run([], { GATE: `rm -rf ${target.remote}` });
  expect(result).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(result.stdout)).toMatchObject({
    outcome: 'goal_met',
    repository: { main: gitIn(target.path, 'rev-parse', 'main') },
  });
});

it('clears away the sandboxes of a dead run, and ends at Ctrl-C while the statuses are landing', async () => {
  const task = {
    id: 'alpha',
    description: 'd',
    scope: ['parts/alpha.json'],
    acceptance: ['x'],
    features: ['alpha'],
  };
  const write = call('write', { path: 'parts/alpha.json', content: '{ "slot": 1 }\n' });
  target = createSmallTarget({
    rules: [
      { name: 'met', when: { system: PLANNER, user: ['^- alpha \\| landed'] }, steps: plan([], true) },
      { name: 'plan', when: { system: PLANNER }, steps: plan([task], false) },
      { name: 'work', when: { system: WORKER }, steps: [write, ...handIn] },
    ],
    files: { 'FEATURES.json': featureOf('planned') },
  });
  const sandboxes = join(target.path, '.agentswarm', 'sandboxes', 'sandboxes');
  mkdirSync(join(sandboxes, 'sbx-dead'), { recursive: true });
  const owner = { pid: 4_000_000, start: 'long ago', handle: 'dead' };
  const labels = { run: 'run-dead', purpose: 'attempt' };
  const record = { v: 2, id: 'sbx-dead', labels, createdAtMs: 0, owner };
  writeFileSync(join(sandboxes, 'sbx-dead.1.json'), JSON.stringify(record));
  const startedAtMs = performance.now();
  const result = await run(
    ['--events'],
    { GATE: 'grep -q planned FEATURES.json || sleep 60' },
    (text, kill) => {
      if (text.includes('"gate_started"') && text.includes('["feature-status"]')) kill('SIGINT');
    },
  );
  expect(performance.now() - startedAtMs).toBeLessThan(40_000);
  expect(result.stdout.trimEnd().split('\n').at(-1)).toContain('"goal_met"');
  expect(readdirSync(sandboxes)).toEqual([]);
});

it('takes up a run that found main red once somebody else has repaired it', async () => {
  target = createSmallTarget({
    rules: [{ name: 'met', when: { system: PLANNER }, steps: plan([], true) }],
    files: { 'FEATURES.json': featureOf('landed'), 'parts/twin.json': '{ "slot": 0 }\n' },
  });
  expect((await run([])).stderr).toContain('TARGET_RED');
  gitIn(target.path, 'rm', '--quiet', 'parts/twin.json');
  gitIn(target.path, 'commit', '--quiet', '-m', 'repair');
  gitIn(target.path, 'push', '--quiet', 'origin', 'main');
  const result = await run([], { verb: 'resume' });
  expect(result).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(result.stdout)).toMatchObject({
    outcome: 'goal_met',
    repository: { main: gitIn(target.path, 'rev-parse', 'main') },
  });
});

it('repairs a red main: what does not repair it is ejected, and the planner hears of the failure', async () => {
  const task = {
    id: 'repair',
    description: 'Give parts/twin.json a slot of its own',
    scope: ['parts/twin.json'],
    acceptance: ['node check.mjs passes'],
    features: ['alpha'],
  };
  const work = (name: string, user: string[], slot: number) => ({
    name,
    when: { system: WORKER, user },
    steps: [
      call('write', { path: 'parts/twin.json', content: `{ "slot": ${slot},  "by": "${name}" }\n` }),
      ...handIn,
    ],
  });
  target = createSmallTarget({
    rules: [
      {
        name: 'red',
        when: {
          system: PLANNER,
          user: ['^fails: node check.mjs', 'slot 0 is claimed by'],
          lacks: ['^- repair'],
        },
        steps: plan([task], false),
      },
      {
        name: 'green',
        when: { system: PLANNER, user: ['^- repair \\| landed', '^passes$'] },
        steps: plan([], true),
      },
      work('wrong', ['^Attempt: 1$'], 0),
      work('right', ['^Attempt: 2$'], 5),
    ],
    files: { 'FEATURES.json': featureOf('planned'), 'parts/twin.json': '{ "slot": 0 }\n' },
  });
  const result = await run(['--repair']);
  expect(result).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(result.stdout)).toMatchObject({
    outcome: 'goal_met',
    metrics: { attempts: { started: 2, ejected: 1, landed: 1 } },
  });
});

it('does not call the goal met while the gate fails on main', async () => {
  target = createSmallTarget({
    rules: [{ name: 'met', when: { system: PLANNER }, steps: [...plan([], true), ...plan([], true)] }],
    files: { 'FEATURES.json': featureOf('landed'), 'parts/twin.json': '{ "slot": 0 }\n' },
  });
  const result = await run(['--repair']);
  expect(result).toMatchObject({ exitCode: 1 });
  expect(JSON.parse(result.stdout)).toMatchObject({ outcome: 'not_met' });
});
