import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeIsolation } from '@agentswarm/sandbox-runner';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spawnCli } from './spawned-cli.ts';

const isolation = probeIsolation().usable ? 'auto' : 'none';
let folder: string;
let repository: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentswarm-sandbox-commands-'));
  repository = join(folder, 'repository');
  mkdirSync(join(repository, 'sub'), { recursive: true });
  writeFileSync(join(repository, 'file.txt'), 'committed\n');
  writeFileSync(join(repository, 'sub', 'inner.txt'), 'inner\n');
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args]);
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
});
afterEach(() => rmSync(folder, { recursive: true }));

function sandbox(argv: readonly string[], { cwd = repository, env = {} } = {}) {
  return spawnCli(['sandbox', ...argv], {
    cwd,
    env: { HOME: folder, XDG_STATE_HOME: join(folder, 'state'), ...env },
  });
}

function run(argv: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  return sandbox(['run', '--isolation', isolation, ...argv], options).result;
}

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly labels: { readonly run: string };
}

async function listed(): Promise<readonly Listed[]> {
  const { stdout } = await sandbox(['list', '--json']).result;
  return (JSON.parse(stdout) as { sandboxes: readonly Listed[] }).sandboxes;
}

describe('sandbox run', () => {
  it('runs a command on the commit, passes its output on, and leaves nothing', async () => {
    const { code, stdout, stderr } = await run(['--', 'sh', '-c', 'cat file.txt; echo err >&2; echo x >new']);
    expect([code, stdout, stderr]).toEqual([0, 'committed\n', 'err\n']);
    expect(existsSync(join(repository, 'new'))).toBe(false);
    expect(await listed()).toEqual([]);
  });

  it('starts where it was typed', async () => {
    const { stdout } = await run(['--', 'ls'], { cwd: join(repository, 'sub') });
    expect(stdout).toBe('inner.txt\n');
  });

  it('takes the commit of a bare repository, which has no changes', async () => {
    const bare = join(folder, 'bare.git');
    execFileSync('git', ['clone', '-q', '--bare', repository, bare]);
    const plain = await run(['--', 'cat', 'file.txt'], { cwd: bare });
    expect([plain.code, plain.stdout, plain.stderr]).toEqual([0, 'committed\n', '']);
    const changes = await run(['--changes', '--', 'true'], { cwd: bare });
    expect([changes.code, changes.stderr]).toEqual([2, expect.stringContaining('needs a work tree')]);
  });

  it('exits with 1 and says how the command ended', async () => {
    expect(await run(['--', 'sh', '-c', 'exit 7'])).toMatchObject({
      code: 1,
      stderr: 'the command exited with 7\n',
    });
    expect(await run(['--timeout', '0.5', '--', 'sleep', '60'])).toMatchObject({
      code: 1,
      stderr: 'the command ran into its time limit\n',
    });
    const missing = await run(['--', 'no-such-program-anywhere']);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('could not be started') });
  });

  it('says that uncommitted changes are missing, and takes them along on demand', async () => {
    writeFileSync(join(repository, 'file.txt'), 'changed\n');
    const plain = await run(['--', 'cat', 'file.txt']);
    expect([plain.stdout, plain.stderr]).toEqual(['committed\n', expect.stringContaining('--changes')]);
    const output = join(folder, 'output');
    const script = 'cat file.txt; echo made >made.txt';
    const both = await run(['--changes', '--download', output, '--', 'sh', '-c', script]);
    expect([both.code, both.stdout, both.stderr]).toEqual([0, 'changed\n', '']);
    expect(readFileSync(join(output, 'made.txt'), 'utf8')).toBe('made\n');
    const again = await run(['--empty', '--upload', output, '--', 'cat', 'made.txt']);
    expect([again.code, again.stdout]).toEqual([0, 'made\n']);
  });

  it('gives one object with --json', async () => {
    const { stdout, stderr } = await run(['--json', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      v: 1,
      reason: 'exited',
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      kept: false,
    });
  });

  it('hands over variables and secrets, and needs no repository', async () => {
    const env = { TOKEN: 'canary-token-7731' };
    const argv = ['--env', 'A=b c', '--secret', 'TOKEN', '--', 'sh', '-c', 'echo "$A $TOKEN"; ls'];
    const { code, stdout } = await run(argv, { cwd: folder, env });
    expect([code, stdout]).toEqual([0, 'b c canary-token-7731\n']);
  });

  it('refuses what it does not understand before anything is made', async () => {
    for (const [argv, message] of [
      [['--network', 'opne', '--', 'true'], '--network must be'],
      [['--memory', 'much', '--', 'true'], '--memory must be'],
      [['--commit', 'nowhere', '--', 'true'], 'has no commit nowhere'],
      [['--secret', 'UNSET_NAME', '--', 'true'], 'UNSET_NAME is not set'],
      [['--backend', 'moon', '--', 'true'], '--backend'],
      [['--empty', '--changes', '--', 'true'], '--changes needs a repository'],
      [['--upload', '.', '--', 'true'], '--upload . is a repository'],
      [['--upload', 'nowhere', '--', 'true'], '--upload nowhere is no folder'],
      [['--download', 'sub', '--', 'true'], '--download sub exists already'],
      [[], "missing required argument 'command'"],
    ] as const) {
      const { code, stderr } = await run(argv);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    expect(await listed()).toEqual([]);
  });

  it('ends with Ctrl-C and leaves nothing', async () => {
    const started = sandbox(['run', '--isolation', isolation, '--', 'sh', '-c', 'echo up; sleep 600']);
    await expect.poll(started.output, { timeout: 20_000 }).toBe('up\n');
    started.child.kill('SIGINT');
    expect((await started.result).code).toBe(130);
    expect(await listed()).toEqual([]);
  });
});

describe('sandboxes that stay', () => {
  it('keeps one, opens it again, and removes it only when told to', async () => {
    const made = await run(['--keep', '--json', '--', 'sh', '-c', 'echo x >left']);
    const { sandbox: id } = JSON.parse(made.stdout) as { sandbox: string };
    expect(await listed()).toMatchObject([{ id, state: 'detached' }]);
    const plain = await sandbox(['list']).result;
    expect(plain.stdout).toMatch(new RegExp(`^${id}  kept .* command\n$`));
    const attach = ['attach', '--isolation', isolation, id, '--', 'cat', 'left'];
    expect(await sandbox(attach).result).toMatchObject({ code: 0, stdout: 'x\n' });
    expect((await sandbox(['reap']).result).stdout).toBe('0 removed, 1 left\n');
    expect((await sandbox(['reap', '--kept']).result).stdout).toBe('1 removed, 0 left\n');
    expect((await sandbox(['list']).result).stdout).toBe('no sandboxes\n');
    expect(await sandbox(attach).result).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('SANDBOX_NOT_FOUND'),
    });
  });

  it('keeps what a command made when it cannot be downloaded', async () => {
    const script = 'echo made >made; ln -s /etc/passwd out';
    const { code, stderr } = await run(['--download', join(folder, 'output'), '--', 'sh', '-c', script]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('leads out of the tree')]);
    const [{ id } = { id: '' }] = await listed();
    expect(stderr).toContain(`kept as ${id}\n`);
    const attach = ['attach', '--isolation', isolation, id, '--', 'cat', 'made'];
    expect(await sandbox(attach).result).toMatchObject({ code: 0, stdout: 'made\n', stderr: '' });
  });

  it('looks into one that another command uses, and does not end it', async () => {
    const script = 'echo x >here; echo up; while [ ! -e stop ]; do sleep 0.05; done; echo done';
    const first = sandbox(['run', '--isolation', isolation, '--', 'sh', '-c', script]);
    await expect.poll(first.output, { timeout: 20_000 }).toBe('up\n');
    const [found] = await listed();
    expect(found?.state).toBe('held');
    const attach = ['attach', '--isolation', isolation, found?.id ?? '', '--', 'sh', '-c'];
    expect((await sandbox([...attach, 'cat here']).result).stdout).toBe('x\n');
    expect((await sandbox(['reap', '--kept']).result).stdout).toBe('0 removed, 1 left\n');
    await sandbox([...attach, 'touch stop']).result;
    expect(await first.result).toMatchObject({ code: 0, stdout: 'up\ndone\n' });
  });

  it('removes what a killed command left', async () => {
    const first = sandbox(['run', '--isolation', isolation, '--', 'sh', '-c', 'echo up; sleep 600']);
    await expect.poll(first.output, { timeout: 20_000 }).toBe('up\n');
    first.child.kill('SIGKILL');
    await first.result;
    expect(await listed()).toMatchObject([{ state: 'orphaned' }]);
    expect((await sandbox(['reap']).result).stdout).toBe('1 removed, 0 left\n');
  });
});
