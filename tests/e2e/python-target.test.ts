import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import { expect, it } from 'vitest';
import { runAgentswarm } from '../support/run-agentswarm.ts';
import { gitIn } from '../support/small-target.ts';

const FIXTURE = fileURLToPath(new URL('./fixtures/python-target', import.meta.url));

function pythonVersion(): string | undefined {
  try {
    return execFileSync('python3', ['--version'], { encoding: 'utf8' });
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOENT' });
    return undefined;
  }
}

it('builds a Python repository without a remote, as a new user would', async (context) => {
  if (pythonVersion() === undefined) context.skip('python3 is not installed');
  const root = mkdtempSync(join(tmpdir(), 'agentswarm-python-'));
  const target = join(root, 'roman');
  cpSync(join(FIXTURE, 'repository'), target, { recursive: true });
  gitIn(target, 'init', '--quiet', '--initial-branch=main');
  gitIn(target, 'add', '-A');
  gitIn(target, 'commit', '--quiet', '-m', 'start');
  await using model = await createScriptedModelServer({ scriptDir: join(FIXTURE, 'script') });
  const result = await runAgentswarm(['run', '--plain'], {
    cwd: target,
    env: { LLM_BASE_URL: `${model.url}/v1/`, LLM_MODEL: 'scripted-roman', GATE: 'python3 -m unittest -q' },
  });
  expect(result, result.stderr).toMatchObject({ exitCode: 0 });
  expect(result.stdout).toContain('scripted-roman');
  const landing = join(target, '.agentswarm', 'landing.git');
  gitIn(root, 'clone', '--quiet', landing, 'fresh');
  execFileSync('python3', ['-m', 'unittest', '-q'], { cwd: join(root, 'fresh'), stdio: 'pipe' });
  expect(gitIn(target, 'status', '--porcelain')).toBe('');
  rmSync(root, { recursive: true });
});
