import { join } from 'node:path';
import { CommitShaSchema, type ExecHandle } from '@agentswarm/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../src/conformance/source-repository.ts';
import { createHostGit } from '../../src/commits/host-git.ts';
import type { InsideCommand } from '../../src/inside/inside-command.ts';
import { checkOutRemote, makeRemoteFolders } from '../../src/modal/commits/check-out-remote.ts';
import { collectRemote } from '../../src/modal/commits/collect-remote.ts';
import { REMOTE_HOME, REMOTE_PATHS } from '../../src/modal/files/remote-places.ts';
import type { ShimProcess } from '../../src/modal/shim/shim-process.ts';
import { describeWithPython, shimOf, startFakeModal, type FakeModal } from './fake-modal.ts';
import { filesOn } from './files-on.ts';

const { workdir, intake } = REMOTE_PATHS;
const git = createHostGit('');

describeWithPython('the commits of a remote sandbox', () => {
  let modal: FakeModal;
  let shim: ShimProcess;
  let origin: SourceRepository;
  beforeAll(async () => {
    origin = await createSourceRepository();
    modal = await startFakeModal();
    shim = await shimOf(modal);
  });
  afterAll(async () => {
    await shim.close('terminate');
    await modal[Symbol.asyncDispose]();
    await origin[Symbol.asyncDispose]();
  });

  const open = async (source = origin.at(origin.commit), repository = origin.repository) => {
    const { connection } = shim;
    const spec = { timeoutMs: 600_000, network: { kind: 'none' }, tags: { run: 'run-commits' } } as const;
    const { sandboxId } = await connection.call('sandbox.create', spec);
    const files = filesOn(connection, sandboxId);
    await makeRemoteFolders(files.run);
    await checkOutRemote({ git, run: files.run }, source);
    const sh = (script: string, ...args: string[]) =>
      files.run({
        command: ['sh', '-c', script, ...args],
        env: { HOME: REMOTE_HOME },
        cwd: workdir,
        maxOutputBytes: 100_000,
      }).result;
    const collect = (ref: string) => collectRemote({ git, files }, { source, repository, ref });
    return { sh, collect };
  };

  it('checks out the commit on its branch, clean', async () => {
    const { sh, collect } = await open();
    const script = 'git rev-parse HEAD; git branch --show-current; git status --porcelain; cat README.md';
    const result = await sh(script);
    expect(result.stdout).toBe(`${origin.commit}\nworker/task.1\nhello\n`);
    expect(result.stderr).toBe('');
    expect(await collect('refs/collected/nothing')).toBeUndefined();
  });

  it('keeps no bundle open that a command never read', async () => {
    const given: unknown[] = [];
    const run = ({ stdin }: InsideCommand): ExecHandle => {
      given.push(stdin);
      const result = { reason: 'lost', stdout: '', stderr: '', durationMs: 0 } as const;
      const nothing = async function* () {};
      return { lines: nothing(), output: nothing(), result: Promise.resolve(result) };
    };
    await expect(checkOutRemote({ git, run }, origin.at(origin.commit))).rejects.toMatchObject({
      code: 'SANDBOX_SETUP_FAILED',
    });
    expect(given).toMatchObject([{ destroyed: true }]);
  });

  it('collects what was pushed, again and again, also when it was packed', async () => {
    const { sh, collect } = await open();
    for (const name of ['one', 'two']) {
      const script = `echo ${name} >${name}; git add .; git commit -qm ${name}; git push -q "$0" HEAD; git gc -q; git rev-parse HEAD`;
      const pushed = await sh(script, intake);
      expect(pushed.stderr).toBe('');
      expect(`${await collect('refs/collected/pushed')}\n`).toBe(pushed.stdout);
    }
    await sh('git -C "$0" pack-refs --all; git -C "$0" repack -qad', intake);
    expect(await collect('refs/collected/packed')).toBe(
      await origin.git('rev-parse', 'refs/collected/pushed'),
    );
    expect(await origin.git('ls-tree', '--name-only', 'refs/collected/packed')).toBe('README.md\none\ntwo');
  });

  it('refuses what names no commit of its own, or what fsck finds broken', async () => {
    const { sh, collect } = await open();
    const forge = 'mkdir -p "$0/refs/heads/worker"; printf "%s\\n" "$1" >"$0/refs/heads/worker/task.1"';
    for (const value of ['ref: refs/heads/other', 'f'.repeat(40), '../../x', '']) {
      await sh(forge, intake, value);
      await expect(collect('refs/collected/forged'), value).rejects.toMatchObject({
        code: 'COMMITS_INVALID',
      });
    }
    const hostile = await open();
    await hostile.sh('rm -r "$0/refs"; ln -s /etc "$0/refs"', intake);
    await expect(hostile.collect('refs/collected/forged')).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
    expect(await origin.git('for-each-ref', 'refs/collected/forged')).toBe('');
  });

  it('works from a repository without its older history, and from one with SHA-256 names', async () => {
    await origin.commitFiles({ second: 'second' });
    const shallow = join(origin.folder, 'shallow');
    await origin.git('clone', '-q', '--bare', '--depth=1', `file://${origin.repository}`, shallow);
    const long = join(origin.folder, 'sha256');
    await origin.git('init', '-q', '--object-format=sha256', '-b', 'main', long);
    await origin.git('-C', long, 'commit', '-q', '--allow-empty', '-m', 'first');
    for (const repository of [shallow, long]) {
      const commit = CommitShaSchema.parse(await origin.git('-C', repository, 'rev-parse', 'HEAD'));
      const { sh, collect } = await open({ ...origin.at(commit), repository }, repository);
      const pushed = await sh(
        'git commit -qm new --allow-empty; git push -q "$0" HEAD; git rev-parse HEAD~',
        intake,
      );
      expect(pushed).toMatchObject({ stdout: `${commit}\n`, stderr: '' });
      const head = await collect('refs/collected/other');
      expect(await origin.git('-C', repository, 'rev-parse', `${head}~`)).toBe(commit);
    }
  });

  it('says that there is no such commit', async () => {
    const missing = origin.at('0123456789'.repeat(4) as typeof origin.commit);
    await expect(open(missing)).rejects.toMatchObject({ code: 'SANDBOX_SETUP_FAILED' });
  });
});
