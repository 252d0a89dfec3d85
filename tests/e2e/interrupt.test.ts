import { rmSync } from 'node:fs';
import { createScriptedModelServer, type ScriptedModelServer } from '@agentswarm/llm-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { remainingProcesses } from '../support/left-behind.ts';
import { runAgentswarm, type CommandOptions } from '../support/run-agentswarm.ts';
import { createSmallTarget, gitIn, SMALL_TASKS, type SmallTarget } from '../support/small-target.ts';

let target: SmallTarget;
let model: ScriptedModelServer;

beforeEach(async () => {
  target = createSmallTarget();
  model = await createScriptedModelServer({ scriptDir: target.script });
});

afterEach(async () => {
  await model.close();
  rmSync(target.root, { recursive: true });
});

function agentswarm(args: readonly string[], options: CommandOptions & { isolation?: string } = {}) {
  const { isolation = 'none', ...rest } = options;
  const env = { LLM_BASE_URL: model.url, LLM_MODEL: 'scripted-small', ISOLATION: isolation };
  return runAgentswarm([...args, '--target', target.path], { env, ...rest });
}

/** Calls back once, when the output first matches. */
function onceSeen(pattern: RegExp, act: (kill: (signal: NodeJS.Signals) => void) => void): CommandOptions {
  let seen = '';
  let done = false;
  return {
    onOutput(text, kill) {
      seen += text;
      if (done || !pattern.test(seen)) return;
      done = true;
      act(kill);
    },
  };
}

describe('Ctrl-C', () => {
  it.each(['auto', 'none'])(
    'once: stops, leaves no process, and the run resumes to its goal (isolation %s)',
    async (isolation) => {
      const options = onceSeen(/landed as/, (kill) => kill('SIGINT'));
      const stopped = await agentswarm(['run', '--plain'], { ...options, isolation });
      expect(stopped, stopped.stderr).toMatchObject({ exitCode: 130 });
      expect(stopped.stderr).toContain('resume with: npm run -s agentswarm -- resume');
      expect(await remainingProcesses(target.root)).toEqual([]);
      const resumed = await agentswarm(['resume', '--json'], { isolation });
      expect(resumed, resumed.stderr).toMatchObject({ exitCode: 0 });
      const landed = gitIn(
        target.remote,
        'log',
        '--format=%(trailers:key=Mq-Ticket,valueonly)',
        'main',
      ).match(/^[a-z]+\.\d+$/gm);
      expect(landed?.map((ticket) => ticket.split('.')[0]).toSorted()).toEqual([...SMALL_TASKS].toSorted());
    },
  );

  it('twice: ends at once and is still resumable', async () => {
    const options = onceSeen(/landed as/, (kill) => {
      kill('SIGINT');
      setTimeout(() => kill('SIGINT'), 250);
    });
    const stopped = await agentswarm(['run', '--plain'], options);
    expect(stopped, stopped.stderr).toMatchObject({ exitCode: 130 });
    expect(await remainingProcesses(target.root)).toEqual([]);
    const resumed = await agentswarm(['resume', '--json']);
    expect(resumed, resumed.stderr).toMatchObject({ exitCode: 0 });
  });
});

describe('a live run', () => {
  it('refuses a second one, shows its status, and ends on stop', async () => {
    const others: Promise<unknown>[] = [];
    const seen: Record<string, Awaited<ReturnType<typeof agentswarm>>> = {};
    const options = onceSeen(/landed as/, () => {
      others.push(
        (async () => {
          seen['second'] = await agentswarm(['run', '--plain']);
          seen['status'] = await agentswarm(['status', '--json']);
          seen['stop'] = await agentswarm(['stop']);
        })(),
      );
    });
    const run = await agentswarm(['run', '--plain', '--max-workers', '1'], options);
    await Promise.all(others);
    expect(seen['second']).toMatchObject({ exitCode: 2 });
    expect(seen['second']?.stderr).toContain('a run is live on');
    expect(JSON.parse(seen['status']?.stdout ?? '')).toMatchObject({ live: true });
    expect(seen['stop'], seen['stop']?.stderr).toMatchObject({ exitCode: 0 });
    expect(run, run.stderr).toMatchObject({ exitCode: 130 });
    const again = await agentswarm(['stop']);
    expect(again).toMatchObject({ exitCode: 0 });
  });
});

it('stats recomputes what the run printed, and log tells every attempt', async () => {
  const run = await agentswarm(['run', '--json']);
  const stats = await agentswarm(['stats', '--json']);
  expect(JSON.parse(stats.stdout)).toEqual(JSON.parse(run.stdout));
  const log = await agentswarm(['log', '--task', 'breaker']);
  expect(log.stdout).toMatch(/breaker\.1: ejected[\s\S]*breaker\.2: landed/);
  const transcript = await agentswarm(['log', '--task', 'breaker', '--transcript']);
  expect(transcript.stdout).toContain('parts/breaker.json');
  const resumed = await agentswarm(['resume']);
  expect(resumed.exitCode).toBe(2);
});
