import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CliContext } from '../src/context.ts';
import { runCaptured, startCaptured } from './captured-cli.ts';
import { createFakeRun } from './fake-run.ts';
import { RUN_ID } from './synthetic-run.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentswarm-run-'));
  writeFileSync(join(directory, 'SPEC.md'), '# Spec');
});
afterEach(() => rmSync(directory, { recursive: true }));

const ENV = { PATH: process.env['PATH'], LLM_BASE_URL: 'http://127.0.0.1:1', LLM_API_KEY: 'canary-key-1' };
const on = (overrides: Partial<CliContext> = {}): Partial<CliContext> => ({
  directory,
  env: ENV,
  composeRun: createFakeRun(),
  ...overrides,
});
const agentswarm = (...argv: string[]) => runCaptured(argv, on());

describe('run', () => {
  it('prints a line for each notable event and the summary when stdout is no terminal', async () => {
    const { code, stdout } = await agentswarm('run');
    expect(code).toBe(0);
    expect(stdout).toContain('vec3.1: conflicted in src/engine/index.ts');
    expect(stdout).toContain('world.1: landed as cccccccccc');
    expect(stdout).toContain('features   5 of 5 landed');
    expect(stdout).toContain('scripted-voxelcraft, owned by scripted');
  });

  it('prints with --json nothing but one object, the one that stats recomputes from the journal', async () => {
    const run = await agentswarm('run', '--json');
    const stats = await agentswarm('stats', RUN_ID, '--json');
    expect(JSON.parse(run.stdout)).toMatchObject({
      outcome: 'goal_met',
      metrics: { features: { landed: 5, total: 5 } },
    });
    expect(stats.stdout).toBe(run.stdout);
  });

  it('prints with --events every event once, in order, up to the last', async () => {
    const { stdout } = await agentswarm('run', '--events');
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map((record) => record.seq)).toEqual(records.map((_, index) => index + 1));
    expect(records.at(-1).event).toMatchObject({ type: 'run_finished', outcome: 'goal_met' });
  });

  it('writes the log of the run to its folder, also what was logged before it existed', async () => {
    await agentswarm('run');
    const log = readFileSync(join(directory, '.agentswarm', 'runs', RUN_ID, 'log.ndjson'), 'utf8');
    expect(JSON.parse(log)).toMatchObject({ level: 'warn', message: 'playing a synthetic run' });
  });

  it('asks the run to stop on Ctrl-C, says how to resume and exits with 130', async () => {
    const started = startCaptured(['run'], on({ composeRun: createFakeRun({ waitForStop: true }) }));
    const timer = setInterval(
      () => started.signals.listenerCount('SIGINT') > 0 && started.signals.emit('SIGINT'),
      20,
    );
    const { code, stderr } = await started.result;
    clearInterval(timer);
    expect(code).toBe(130);
    expect(stderr).toContain('press Ctrl-C again to end at once');
    expect(stderr).toContain('resume with: agentswarm resume');
    expect(started.signals.listenerCount('SIGINT')).toBe(0);
  });

  it('reports a run that cannot start with its code, a hint and exit code 2', async () => {
    const { code, stderr } = await runCaptured(['run'], on({ env: { PATH: ENV.PATH } }));
    expect(code).toBe(2);
    expect(stderr).toContain('[CLI_NO_ENDPOINT]');
    expect(stderr).toContain('agentswarm init');
    expect(stderr).toContain('agentswarm demo');
  });

  it('refuses two ways of showing at once', async () => {
    const { code, stderr } = await agentswarm('run', '--json', '--events');
    expect(code).toBe(2);
    expect(stderr).toContain('cannot be used with');
  });
});

describe('resume', () => {
  it('takes up the newest unfinished run with its own configuration', async () => {
    const started = startCaptured(
      ['run', '--plain'],
      on({ composeRun: createFakeRun({ waitForStop: true }) }),
    );
    const timer = setInterval(() => started.signals.emit('SIGINT'), 20);
    await started.result;
    clearInterval(timer);
    const { code, stdout } = await agentswarm('resume');
    expect(code).toBe(0);
    expect(stdout).toContain('resumed 1 time');
  });

  it('says so when there is nothing to resume', async () => {
    await agentswarm('run');
    const { code, stderr } = await agentswarm('resume');
    expect(code).toBe(2);
    expect(stderr).toContain('[CLI_NOTHING_TO_RESUME]');
  });
});

describe('looking at a run', () => {
  beforeEach(() => agentswarm('run', '--json'));

  it('status says that it ended and how', async () => {
    const { code, stdout } = await agentswarm('status');
    expect(code).toBe(0);
    expect(stdout).toContain('ended: goal_met');
    expect(JSON.parse((await agentswarm('status', '--json')).stdout)).toMatchObject({
      live: false,
      runId: RUN_ID,
    });
  });

  it('log --task prints what concerns the task and nothing else', async () => {
    const { stdout } = await agentswarm('log', '--task', 'camera');
    expect(stdout).toContain('camera.1: ejected, gate failed: `npm test`: exit 1');
    expect(stdout).toContain('camera.2: landed');
    expect(stdout).not.toContain('vec3.1');
  });

  it('log --follow ends with the run', async () => {
    const { code, stdout } = await agentswarm('log', '--follow', '--json');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').at(-1)).toContain('run_finished');
  });

  it('log --transcript prints the conversation of every attempt of a task', async () => {
    const transcripts = join(directory, '.agentswarm', 'runs', RUN_ID, 'transcripts');
    const lines = [
      { atMs: 0, kind: 'assistant', text: 'I will test it.' },
      { atMs: 0, kind: 'tool_call', id: '1', tool: 'bash', arguments: { command: 'npm test' } },
      { atMs: 0, kind: 'tool_result', id: '1', tool: 'bash', text: 'ok\u001b[2J', isError: false },
      { atMs: 0, kind: 'output', text: 'one\ntwo' },
    ];
    writeFileSync(
      join(transcripts, 'vec3.2.ndjson'),
      `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"cut`,
    );
    const { code, stdout } = await agentswarm('log', '--task', 'vec3', '--transcript');
    expect(code).toBe(0);
    expect(stdout).toContain('── vec3.2: landed');
    expect(stdout).toContain('model: I will test it.');
    expect(stdout).toContain('"command": "npm test"');
    expect(stdout).toContain('result of bash: ok [2J');
    expect(stdout).toMatch(/ output:\n +one\n +two\n/);
    expect(stdout).toContain('{"cut');
  });

  it('names the runs there are when another is asked for', async () => {
    const { code, stderr } = await agentswarm('stats', 'run-other');
    expect(code).toBe(2);
    expect(stderr).toContain(RUN_ID);
  });

  it('stop says that nothing runs', async () => {
    const { code, stdout } = await agentswarm('stop');
    expect([code, stdout]).toEqual([0, 'nothing to stop: no run is live here\n']);
  });
});

it('finds the runs of a bare repository inside it', async () => {
  const bare = join(directory, 'bare.git');
  for (const path of ['objects', join('agentswarm', 'runs')])
    mkdirSync(join(bare, path), { recursive: true });
  writeFileSync(join(bare, 'HEAD'), 'ref: refs/heads/main\n');
  const { stderr } = await agentswarm('status', '--target', 'bare.git');
  expect(stderr).toContain('has no runs yet');
});
