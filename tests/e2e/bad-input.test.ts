import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createScriptedModelServer, type ScriptedModelServer } from '@agentswarm/llm-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { createFaultProxy, type Fault } from '../support/fault-proxy.ts';
import { runAgentswarm } from '../support/run-agentswarm.ts';
import {
  createSmallTarget,
  gitIn,
  plannerRules,
  workerRules,
  type SmallTarget,
} from '../support/small-target.ts';

let model: ScriptedModelServer;
let template: SmallTarget;
let target: SmallTarget;

beforeAll(async () => {
  template = createSmallTarget();
  model = await createScriptedModelServer({ scriptDir: template.script });
});

afterAll(async () => {
  await model.close();
  rmSync(template.root, { recursive: true });
});

beforeEach(() => {
  target = createSmallTarget();
});

afterEach(() => rmSync(target.root, { recursive: true, force: true }));

interface RunChange {
  readonly path?: string;
  readonly env?: Record<string, string>;
  readonly verb?: string;
}

const run = ({ path = target.path, env = {}, verb = 'run' }: RunChange = {}) =>
  runAgentswarm([verb, '--target', path, '--json'], {
    env: { LLM_BASE_URL: model.url, LLM_MODEL: 'scripted-small', ISOLATION: 'none', ...env },
  });

/** Commits changed files on main, locally and on the remote. */
function publish(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(target.path, name), text);
  gitIn(target.path, 'add', '-A');
  gitIn(target.path, 'commit', '--quiet', '-m', 'change');
  gitIn(target.path, 'push', '--quiet', 'origin', 'main');
}

/** A planner that answers each round with the next of the texts, then keeps to the last. */
async function withPlanner(answers: readonly string[], work: (url: string) => Promise<void>): Promise<void> {
  const system = ['^You are the planner of AgentSwarm'];
  const rules = answers.map((text, index) => ({
    name: `answer ${index}`,
    when: { system, ...(index < answers.length - 1 ? { user: [`^Round: ${index + 1}$`] } : {}) },
    // The second step answers the repair round.
    steps: [{ text }, { text }],
  }));
  const own = createSmallTarget({ rules: [...rules, ...workerRules()] });
  const server = await createScriptedModelServer({ scriptDir: own.script });
  try {
    await work(server.url);
  } finally {
    await server.close();
    rmSync(own.root, { recursive: true });
  }
}

const tasks = (...change: object[]) =>
  JSON.stringify({
    scratchpad: '',
    specMet: false,
    tasks: change.map((one) => ({
      id: 'alpha',
      description: 'd',
      scope: ['parts/alpha.json'],
      acceptance: ['x'],
      ...one,
    })),
  });

describe('a target that cannot be worked on', () => {
  it('is not a git repository', async () => {
    const result = await run({ path: target.root });
    expect(result).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`${target.root} is not a git repository`) as string,
    });
  });

  it('is a subfolder of one', async () => {
    const result = await run({ path: join(target.path, 'parts') });
    expect(result).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('not its top level') as string,
    });
  });

  it('has no SPEC.md', async () => {
    gitIn(target.path, 'rm', '--quiet', 'SPEC.md');
    publish({});
    const result = await run();
    expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no SPEC.md') as string });
  });

  it('has an invalid FEATURES.json', async () => {
    publish({ 'FEATURES.json': '{ "features": [{ "id": "Bad Id" }] }' });
    const result = await run();
    expect(result).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/features\[0\] \(id "Bad Id"\), field id/) as string,
    });
  });

  it('is red at the start, unless it is to be repaired', async () => {
    publish({ 'parts/twin.json': '{ "slot": 0 }\n' });
    const result = await run();
    expect(result).toMatchObject({ exitCode: 2 });
    expect(result.stderr).toContain('node check.mjs');
    expect(result.stderr).toContain('slot 0 is claimed by');
    expect(gitIn(target.remote, 'rev-list', '--count', 'main')).toBe('2');
  });
});

describe('a model endpoint that cannot be used', () => {
  it('is down', async () => {
    const result = await run({ env: { LLM_BASE_URL: 'http://127.0.0.1:9' } });
    expect(result.exitCode).toBeGreaterThan(0);
    expect(result.stderr).toContain('127.0.0.1:9');
    expect(runsOf(target)).toEqual([]);
  });

  it('does not know the model and names those it offers', async () => {
    const result = await run({ env: { LLM_MODEL: 'missing' } });
    expect(result).toMatchObject({ exitCode: 2 });
    expect(result.stderr).toContain('missing');
    expect(result.stderr).toContain('scripted-small');
  });

  it('rejects the key', async () => {
    const rejecting: Fault[] = Array.from({ length: 50 }, () => ({ kind: 'status', status: 401 }));
    await using proxy = await createFaultProxy(model.url, rejecting);
    const result = await run({ env: { LLM_BASE_URL: proxy.url, LLM_API_KEY: 'canary-key-123456' } });
    expect(result.exitCode).toBe(3);
    expect(result.stdout + result.stderr).toContain('401');
    expect(result.stdout + result.stderr).not.toContain('canary-key-123456');
  });

  it.each([
    ['429 with Retry-After', { kind: 'status', status: 429, headers: { 'retry-after': '1' } }],
    ['500', { kind: 'status', status: 500 }],
    ['an answer cut in the middle', { kind: 'cut' }],
  ] as [string, Fault][])('recovers from %s', async (_name, fault) => {
    await using proxy = await createFaultProxy(model.url, [fault]);
    const result = await run({ env: { LLM_BASE_URL: proxy.url } });
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
  });
});

describe('a planner that answers badly', () => {
  it.each([
    ['no JSON, twice', 'I would rather not.', /JSON/],
    ['the same id twice', tasks({}, { scope: ['parts/beta.json'] }), /alpha/],
    ['an unknown dependency', tasks({ dependsOn: ['nowhere'] }), /nowhere/],
    ['a path outside the repository', tasks({ scope: ['../../etc/passwd'] }), /inside the repository/],
  ])('gives %s', async (_name, text, message) => {
    await withPlanner([text], async (url) => {
      const result = await run({ env: { LLM_BASE_URL: url } });
      expect(result.exitCode).toBe(1);
      expect(result.stdout + result.stderr).toMatch(message);
      expect(gitIn(target.remote, 'rev-list', '--count', 'main')).toBe('1');
    });
  });

  it('gives a sound answer after a bad one', async () => {
    const rules = [
      {
        name: 'bad first',
        when: { system: ['^You are the planner'], user: ['^Round: 1$'], lacks: ['nothing'] },
        steps: [{ text: 'Hm.' }],
      },
    ];
    const own = createSmallTarget({ rules: [...rules, ...plannerRules(), ...workerRules()] });
    const server = await createScriptedModelServer({ scriptDir: own.script });
    const result = await run({ env: { LLM_BASE_URL: server.url } });
    await server.close();
    rmSync(own.root, { recursive: true });
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
  });
});

describe('a landing that cannot happen', () => {
  it('a remote that refuses the push ends the run, and the work lands after the refusal is gone', async () => {
    const hook = join(target.remote, 'hooks', 'pre-receive');
    mkdirSync(join(target.remote, 'hooks'), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "main is frozen" >&2\nexit 1\n');
    chmodSync(hook, 0o755);
    const refused = await run();
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.stdout + refused.stderr).toContain('PUSH_REFUSED');
    expect(gitIn(target.remote, 'rev-list', '--count', 'main')).toBe('1');
    rmSync(hook);
    const resumed = await run({ verb: 'resume' });
    expect(resumed, resumed.stderr).toMatchObject({ exitCode: 0 });
    expect(gitIn(target.remote, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  });

  it('a full disk is named, and the run can be resumed with more room', async (context) => {
    const disk = mountSmallDisk(context);
    try {
      gitIn(disk.path, 'clone', '--quiet', target.remote, 'target');
      const path = join(disk.path, 'target');
      disk.fill();
      const full = await run({ path });
      expect(full.exitCode).toBeGreaterThan(0);
      expect(full.stdout + full.stderr).toMatch(/full|space/i);
      disk.free();
      const verb = runsIn(path).length > 0 ? 'resume' : 'run';
      const again = await run({ path, verb });
      expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    } finally {
      disk.unmount();
    }
  });
});

function runsOf(small: SmallTarget): string[] {
  return runsIn(small.path);
}

function runsIn(path: string): string[] {
  try {
    return readdirSync(join(path, '.agentswarm', 'runs'));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOENT' });
    return [];
  }
}

/** A file system of 48 MB of its own; without the right to mount one the test is skipped. */
function mountSmallDisk(context: TestContext) {
  const path = join(target.root, 'disk');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', path], { stdio: 'ignore' });
  } catch (error) {
    context.skip(`cannot mount a small file system here: ${String(error)}`);
  }
  const ballast = join(path, 'ballast');
  return {
    path,
    /** Leaves less room than a run needs. */
    fill: () => {
      const file = openSync(ballast, 'w');
      try {
        for (;;) writeSync(file, Buffer.alloc(65_536));
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' });
        ftruncateSync(file, fstatSync(file).size - 300_000);
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast),
    unmount: () => execFileSync('umount', ['-l', path]),
  };
}
