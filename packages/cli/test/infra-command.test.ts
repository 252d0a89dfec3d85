import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spawnCli } from './spawned-cli.ts';
import { describeWithPython } from './with-python.ts';

const TOKEN = { MODAL_TOKEN_ID: 'ak-canary', MODAL_TOKEN_SECRET: 'as-canary' };

/** In the place of Modal's command: tells what it was given, and ends as told. */
const STAND_IN = `import json, os, sys
names = ("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET", "MODAL_ENVIRONMENT")
print(json.dumps({"arguments": sys.argv[1:], **{name: os.environ.get(name) for name in names}}), flush=True)
print("a complaint", file=sys.stderr)
sys.exit(int(os.environ.get("STAND_IN_EXIT", "0")))
`;

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'agentswarm-infra-'));
  const files = {
    'python/modal/__init__.py': '',
    'python/modal/__main__.py': STAND_IN,
    'python/modal-1.5.4.dist-info/METADATA': 'Name: modal\nVersion: 1.5.4\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
});
afterEach(() => rmSync(cwd, { recursive: true }));

const infra = (argv: readonly string[], env: Record<string, string> = {}) =>
  spawnCli(['infra', ...argv], { cwd, env: { PYTHONPATH: join(cwd, 'python'), ...env } }).result;

describe('infra --dry-run', () => {
  it('prints the command and runs nothing, whatever is missing', async () => {
    const { code, stdout } = await infra(['deploy', '--dry-run'], { PYTHON_PATH: '/no python' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^'\/no python' -m modal deploy \/\S+\/infra\/deploy_glm5\.py\n$/);
  });
});

describe('infra without Python', () => {
  it('says what to install', async () => {
    const { code, stdout, stderr } = await infra(['status'], { PYTHON_PATH: 'no-such-python', ...TOKEN });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('no-such-python does not run');
    expect(stderr).toContain('pip install modal==1.5.4');
    expect(stderr).toContain('PYTHON_PATH');
  });
});

describeWithPython('infra with a stand-in for the Modal command', () => {
  it('prints the command, passes output on and hands the token over by environment', async () => {
    writeFileSync(join(cwd, '.env'), 'MODAL_TOKEN_ID=ak-canary\nMODAL_TOKEN_SECRET=as-canary\n');
    const { code, stdout, stderr } = await infra(['status'], { MODAL_ENVIRONMENT: 'trial' });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      arguments: ['app', 'list'],
      ...TOKEN,
      MODAL_ENVIRONMENT: 'trial',
    });
    expect(stderr).toMatch(/^\$ \S+ -m modal app list\na complaint\n$/);
  });

  it.each([
    ['0', 0],
    ['1', 1],
    ['2', 2],
    ['9', 1],
  ])('ends with %s as %d', async (STAND_IN_EXIT, expected) => {
    const { code, stdout } = await infra(['stop', 'mine', '--yes'], { ...TOKEN, STAND_IN_EXIT });
    expect(code).toBe(expected);
    expect(JSON.parse(stdout)).toMatchObject({ arguments: ['app', 'stop', '--yes', 'mine'] });
  });

  it('is refused without credentials, and with half of them', async () => {
    const none = await infra(['status']);
    expect([none.code, none.stdout]).toEqual([2, '']);
    expect(none.stderr).toContain('CLI_NO_CREDENTIALS');
    expect(none.stderr).toContain('MODAL_TOKEN_ID');
    const half = await infra(['status'], { MODAL_TOKEN_ID: 'ak-canary' });
    expect(half.code).toBe(2);
    expect(half.stderr).toContain('MODAL_TOKEN_SECRET is missing');
    expect(half.stderr).not.toContain('canary');
  });

  it('runs nothing of the directory it is typed in', async () => {
    for (const name of ['csv', 'json', 'email', 'zipfile']) {
      writeFileSync(join(cwd, `${name}.py`), `open(${JSON.stringify(join(cwd, 'planted'))}, 'w').close()\n`);
    }
    const { code } = await infra(['status'], TOKEN);
    expect(code).toBe(0);
    expect(existsSync(join(cwd, 'planted'))).toBe(false);
  });

  it('takes a profile that Modal set up', async () => {
    writeFileSync(join(cwd, '.modal.toml'), '[default]\n');
    const { code, stdout } = await infra(['status']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ MODAL_TOKEN_ID: null });
  });
});
