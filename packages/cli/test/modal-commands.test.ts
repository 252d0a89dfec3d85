import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeIsolation } from '@agentswarm/sandbox-runner';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spawnCli } from './spawned-cli.ts';
import { describeWithPython, startFakeAccount, type FakeAccount } from './with-python.ts';

const isolation = probeIsolation().usable ? 'auto' : 'none';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentswarm-modal-commands-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function sandbox(argv: readonly string[], { cwd = folder, env = {} } = {}) {
  return spawnCli(['sandbox', ...argv], { cwd, env: { HOME: folder, ...env } }).result;
}

describe('sandboxes of modal-local', () => {
  it.each([
    ['list', []],
    ['reap', []],
    ['attach', ['sbx-0123456789abcdef', '--', 'true']],
    ['run', ['--keep', '--', 'true']],
  ])('sandbox %s says that none outlives its command', async (verb, argv) => {
    const { code, stdout, stderr } = await sandbox([verb, '--backend', 'modal-local', ...argv]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('sandboxes of modal-local end with the command that makes them');
  });
});

describe('without Python', () => {
  it.each(['modal', 'modal-local'])('--backend %s says what to install', async (backend) => {
    const env = { PYTHON_PATH: 'no-such-python', MODAL_IMAGE: 'im-1' };
    const { code, stderr } = await sandbox(['run', '--empty', '--backend', backend, '--', 'true'], { env });
    expect(code).toBe(2);
    expect(stderr).toContain('no-such-python does not run');
    expect(stderr).toContain('pip install modal==1.5.4');
  });
});

describeWithPython('a sandbox of modal-local', () => {
  it('has the commit, passes output on, and gives what was made back', async () => {
    const repository = join(folder, 'repository');
    mkdirSync(repository);
    writeFileSync(join(repository, 'file.txt'), 'committed\n');
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args]);
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    const place = ['--backend', 'modal-local', '--isolation', isolation];
    const { code, stdout, stderr } = await sandbox(
      ['run', ...place, '--download', 'out', '--', 'sh', '-c', 'cat file.txt; echo err >&2; echo x > made'],
      { cwd: repository },
    );
    expect([code, stdout, stderr]).toEqual([0, 'committed\n', 'err\n']);
    expect(readFileSync(join(repository, 'out', 'made'), 'utf8')).toBe('x\n');
  });

  it("ends with the command's end, whatever that is", async () => {
    const place = ['--empty', '--backend', 'modal-local', '--isolation', isolation];
    const { code, stderr } = await sandbox(['run', ...place, '--', 'sh', '-c', 'exit 7']);
    expect(code).toBe(1);
    expect(stderr).toBe('the command exited with 7\n');
  });
});

describeWithPython('an account', () => {
  let account: FakeAccount;
  beforeEach(async () => {
    account = await startFakeAccount();
  });
  afterEach(() => account[Symbol.asyncDispose]());

  it('is looked through for sandboxes without an image', async () => {
    const { code, stdout } = await sandbox(['list', '--backend', 'modal'], { env: account.env });
    expect([code, stdout]).toEqual([0, 'no sandboxes\n']);
    const reaped = await sandbox(['reap', '--backend', 'modal', '--json'], { env: account.env });
    expect(JSON.parse(reaped.stdout)).toEqual({ v: 1, reaped: 0, left: 0 });
  });

  const run = (env: Readonly<Record<string, string>>) =>
    sandbox(['run', '--empty', '--backend', 'modal', '--', 'true'], { env: { ...account.env, ...env } });

  it('needs an image for a new one, and says how to build it', async () => {
    const { code, stderr } = await run({});
    expect(code).toBe(2);
    expect(stderr).toContain('MODAL_IMAGE is not set');
    expect(stderr).toContain('infra/sandbox_image.py');
  });

  it('refuses an image that it has not', async () => {
    const { code, stderr } = await run({ MODAL_IMAGE: 'im-unknown' });
    expect(code).toBe(2);
    expect(stderr).toContain('im-unknown');
    expect(stderr).toContain('SANDBOX_REMOTE_REFUSED');
  });

  it('refuses a wrong token, which is told to nobody', async () => {
    const { code, stderr } = await run({ MODAL_IMAGE: 'im-1', MODAL_TOKEN_SECRET: 'as-wrong-canary' });
    expect(code).toBe(2);
    expect(stderr).toContain('MODAL_TOKEN_SECRET');
    expect(stderr).not.toContain('as-wrong-canary');
  });
});
