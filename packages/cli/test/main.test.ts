import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFeatureList, resolveConfig } from '@agentswarm/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spawnCli } from './spawned-cli.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'agentswarm-main-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const agentswarm = (argv: readonly string[], env: Record<string, string> = {}) =>
  spawnCli(argv, { cwd, env }).result;
const MODEL_COMMANDS = ['list', 'probe', 'chat', 'serve', 'record', 'replay', 'diff'];
const COMMANDS = [
  'run',
  'demo',
  'resume',
  'status',
  'log',
  'attempts',
  'stats',
  'stop',
  'land',
  'sandbox',
  'init',
  'doctor',
  'model',
  'generate',
  'gateway',
  'infra',
  'engine',
  'graph',
];

describe('--help', () => {
  it('lists the commands that exist and no other', async () => {
    const { code, stdout } = await agentswarm(['--help']);
    expect(code).toBe(0);
    const listed = [...stdout.matchAll(/^ {2}([a-z]+)(?: \[| {2,})/gm)].map((match) => match[1]);
    expect(listed).toEqual([...COMMANDS, 'help']);
  });

  it('explains every command with an example', async () => {
    const ofModel = MODEL_COMMANDS.map((name) => ['model', name]);
    const argvs = [...COMMANDS.map((command) => [command]), ...ofModel];
    for (const argv of argvs) {
      const { code, stdout } = await agentswarm([...argv, '--help']);
      expect([argv, code]).toEqual([argv, 0]);
      expect(stdout).toContain('Examples:');
    }
  });

  it('loads nothing heavy', async () => {
    const { stderr } = await agentswarm(['--help'], { NODE_DEBUG: 'esm' });
    expect(stderr).toContain('commander');
    for (const heavy of ['/zod/', '/pino/', '/yaml/', '/log-update/', '/openai/', '/ajv/'])
      expect(stderr).not.toContain(heavy);
  });
});

it('answers an unknown command with a suggestion and 2', async () => {
  const { code, stderr } = await agentswarm(['statsu']);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /unknown command 'statsu'[\s\S]*Did you mean one of (status|stats), (status|stats)\?|Did you mean stat/,
  );
});

it('answers an unknown option with a suggestion and 2', async () => {
  const { code, stderr } = await agentswarm(['run', '--jsn']);
  expect(code).toBe(2);
  expect(stderr).toContain('Did you mean --json?');
});

it('names every malformed setting, where it is and what is accepted', async () => {
  writeFileSync(join(cwd, 'SPEC.md'), '');
  writeFileSync(join(cwd, 'agentswarm.config.json'), '{"isolation":"sometimes","maxWorker":3}');
  const { code, stderr } = await agentswarm(['run'], { MAX_ATTEMPTS: 'three' });
  expect(code).toBe(2);
  expect(stderr).toContain('MAX_ATTEMPTS (environment)');
  expect(stderr).toContain('a whole number from 1 to 20');
  expect(stderr).toMatch(/isolation \(.*agentswarm\.config\.json\)/);
  expect(stderr).toMatch(/maxWorker \(.*\): unknown setting/);
  expect(stderr).not.toContain('    at ');
});

it('resolves paths against the directory npm was called in', async () => {
  const env = { INIT_CWD: cwd, npm_package_json: join(tmpdir(), 'package.json') };
  writeFileSync(join(cwd, 'SPEC.md'), '');
  const { stderr } = await spawnCli(['run'], { cwd: tmpdir(), env }).result;
  expect(stderr).toContain('[CLI_NO_ENDPOINT]');
});

describe('init', () => {
  it('writes valid files once and never overwrites', async () => {
    writeFileSync(join(cwd, 'SPEC.md'), 'mine');
    const first = await agentswarm(['init']);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('kept     SPEC.md');
    expect(first.stdout).toContain('written  FEATURES.json');
    expect(readFileSync(join(cwd, 'SPEC.md'), 'utf8')).toBe('mine');
    expect(parseFeatureList(readFileSync(join(cwd, 'FEATURES.json'), 'utf8')).features).toHaveLength(2);
    const entries = JSON.parse(readFileSync(join(cwd, 'agentswarm.config.json'), 'utf8'));
    expect(resolveConfig([{ origin: 'template', kind: 'values', entries }]).gate).toEqual(['npm test']);
    writeFileSync(join(cwd, 'AGENTS.md'), 'mine too');
    const second = await agentswarm(['init']);
    expect(second.code).toBe(0);
    expect(second.stdout).not.toContain('written');
    expect(readFileSync(join(cwd, 'AGENTS.md'), 'utf8')).toBe('mine too');
  });
});

describe('doctor', () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd });
  const commit = () =>
    git('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-q', '--allow-empty', '-m', 'first');

  it('tries everything and reports it as JSON', async () => {
    git('init', '-q');
    commit();
    await agentswarm(['init']);
    git('init', '-q', '--bare', 'remote.git');
    git('remote', 'add', 'origin', join(cwd, 'remote.git'));
    const { stdout, code } = await agentswarm(['doctor', '--json'], { LLM_BASE_URL: 'http://127.0.0.1:9' });
    const { checks, ok } = JSON.parse(stdout) as { checks: { name: string }[]; ok: boolean };
    const byName = Object.fromEntries(checks.map((check) => [check.name, check]));
    expect(Object.keys(byName)).toEqual([
      'node',
      'git',
      'python',
      'isolation',
      'disk',
      'config',
      'model',
      'target',
      'spec',
      'features',
      'remote',
    ]);
    expect(byName).toMatchObject({
      node: { status: 'ok' },
      git: { status: 'ok' },
      features: { status: 'ok' },
      remote: { status: 'ok' },
      model: { status: 'fail', fix: expect.stringContaining('LLM_BASE_URL') },
    });
    expect([ok, code]).toEqual([false, 1]);
  });

  it('reads the inputs of a bare repository from its commit', async () => {
    git('init', '-q', 'work');
    writeFileSync(join(cwd, 'work', 'SPEC.md'), '# Spec');
    git('-C', 'work', 'add', '.');
    git('-C', 'work', '-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-q', '-m', 'first');
    git('clone', '-q', '--bare', 'work', 'bare.git');
    const { stdout } = await agentswarm(['doctor', '--target', 'bare.git']);
    expect(stdout).toMatch(/ok {4}spec /);
    expect(stdout).toMatch(/FAIL {2}features +FEATURES.json is missing/);
  });

  it('fails on a remote that refuses, and runs no hook of the repository', async () => {
    git('init', '-q');
    commit();
    git('remote', 'add', 'origin', join(cwd, 'nowhere.git'));
    const marker = join(cwd, 'hook-ran');
    writeFileSync(join(cwd, '.git', 'hooks', 'pre-push'), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    const { stdout, code } = await agentswarm(['doctor', '--target', '.']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAIL {2}remote .*does not accept pushes/);
    expect(() => readFileSync(marker)).toThrow('ENOENT');
  });
});

describe('model serve', () => {
  it('serves models until Ctrl-C', async () => {
    writeFileSync(join(cwd, 'model.json'), JSON.stringify({ model: 'scripted-test' }));
    const rules = [{ name: 'greets', when: { user: ['hello'] }, steps: [{ text: 'hello' }] }];
    writeFileSync(join(cwd, 'one.rules.json'), JSON.stringify({ rules }));
    const started = spawnCli(['model', 'serve', '--script', '.'], { cwd });
    await expect.poll(() => started.output(), { timeout: 20_000 }).toContain('http://');
    const url = /http:\S+/.exec(started.output())?.[0] ?? '';
    const models: unknown = await (await fetch(new URL('/v1/models', url))).json();
    expect(models).toMatchObject({ data: [{ id: 'scripted-test', owned_by: 'scripted' }] });
    started.child.kill('SIGINT');
    const { code, signal } = await started.result;
    expect([code, signal]).toEqual([0, null]);
  });

  it('says what is wrong with a port', async () => {
    const { code, stderr } = await agentswarm(['model', 'serve', '--script', '.', '--port', 'x']);
    expect([code, stderr.includes('--port must be')]).toEqual([2, true]);
  });
});
