import { lstat, mkdir, readdir, rm, symlink, writeFile, chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import {
  CommitShaSchema,
  type CommitSha,
  type Sandbox,
  type SandboxBackend,
  type SandboxSpec,
} from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../src/conformance/source-repository.ts';
import { cannotIsolate, ISOLATIONS, localBackend, temporaryFolder } from './local-machine.ts';

const RUNS = process.env['TEST_DEEP'] === undefined ? 5 : 100;

const open = (backend: SandboxBackend, source: SourceRepository, commit: CommitSha) =>
  backend.create({
    labels: { run: 'run-kept', purpose: 'gate' },
    source: source.at(commit, 'gate/one'),
    checkout: 'overlay',
  });

/** Tells what the files are by their bytes and not by what the index says, and where an earlier commit is named. */
const TELL = `
grep -rl "$0" .git
git status --porcelain --ignored
rm .git/index && git add -A -f && git write-tree && git rev-parse 'HEAD^{tree}' HEAD && git branch --format='%(refname)'`;

/** Changes whatever can be changed, and tries to hide it. */
const HARM = `
for f in $(git ls-files | head -3); do touch -r "$f" /tmp/t; cp "$f" /tmp/c; tr a-z A-Z </tmp/c >"$f"; touch -r /tmp/t "$f"; done
rm -rf "$(git ls-files | tail -1)"; mkdir -p stray/deep; echo x >stray/deep/file; ln -s / stray/root
git commit -qam harm; git config core.fsmonitor true; echo '*' >.git/info/exclude; rm -rf .git/refs; chmod -R a-w . ; true`;

type FileState =
  { readonly kind: 'file' | 'program' | 'link'; readonly text: string } | { readonly kind: 'absent' };

async function put(root: string, path: string, state: FileState): Promise<void> {
  const file = join(root, path);
  const parts = path.split('/').slice(0, -1);
  for (const parent of parts.map((_part, index) => join(root, ...parts.slice(0, index + 1)))) {
    // A file may stand where a folder is wanted.
    const stats = await lstat(parent).catch(undefinedWhenMissing);
    if (stats?.isDirectory() === false) await rm(parent);
  }
  await rm(file, { recursive: true, force: true });
  if (state.kind === 'absent') return;
  await mkdir(dirname(file), { recursive: true });
  if (state.kind === 'link') await symlink(state.text, file);
  else await writeFile(file, state.text);
  if (state.kind === 'program') await chmod(file, 0o755);
}

function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

const states: fc.Arbitrary<FileState> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('file' as const, 'program' as const, 'link' as const),
    text: fc.constantFrom('a', 'b', 'some text\n', '../elsewhere'),
  }),
  fc.constant({ kind: 'absent' as const }),
);
const paths = fc.constantFrom('a', 'a/b', 'a/b/c', 'd', 'd/e', '.gitignore', 'build/out', 'ü ber.txt');
const steps = fc.array(fc.array(fc.tuple(paths, states), { maxLength: 5 }), { minLength: 2, maxLength: 6 });

describe.each(ISOLATIONS)('a kept tree with isolation %s', (isolation) => {
  it('is exactly the commit, whatever came before', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        await using source = await createSourceRepository({ '.gitignore': 'build\n' });
        await using backend = localBackend(isolation);
        let earlier = 'no commit';
        for (const changes of history) {
          for (const [path, state] of changes) await put(source.repository, path, state);
          await source.git('add', '-A', '-f');
          await source.git('commit', '-q', '--allow-empty', '-m', 'step');
          const commit = CommitShaSchema.parse(await source.git('rev-parse', 'HEAD'));
          const tree = await source.git('rev-parse', 'HEAD^{tree}');
          await using sandbox = await open(backend, source, commit);
          const seen = await sandbox.exec({ command: ['sh', '-c', TELL, earlier] }).result;
          expect(seen.stdout).toBe([tree, tree, commit, 'refs/heads/gate/one', ''].join('\n'));
          await sandbox.exec({ command: ['sh', '-c', HARM] }).result;
          earlier = commit;
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('is exactly the commit for each of many at once, which change nothing for each other', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        await using source = await createSourceRepository({ '.gitignore': 'build\n' });
        await using backend = localBackend(isolation);
        await using opened = new AsyncDisposableStack();
        const all: { sandbox: Sandbox; commit: CommitSha; tree: string }[] = [];
        for (const changes of [[], ...history]) {
          for (const [path, state] of changes) await put(source.repository, path, state);
          await source.git('add', '-A', '-f');
          await source.git('commit', '-q', '--allow-empty', '-m', 'step');
          const commit = CommitShaSchema.parse(await source.git('rev-parse', 'HEAD'));
          const sandbox = opened.use(await open(backend, source, commit));
          all.push({ sandbox, commit, tree: await source.git('rev-parse', 'HEAD^{tree}') });
          const harmed = opened.use(await open(backend, source, commit));
          await harmed.exec({ command: ['sh', '-c', HARM] }).result;
        }
        for (const { sandbox, commit, tree } of all) {
          const seen = await sandbox.exec({ command: ['sh', '-c', TELL, 'no commit'] }).result;
          expect(seen.stdout).toBe([tree, tree, commit, 'refs/heads/gate/one', ''].join('\n'));
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('can be pushed from and collected', async () => {
    await using source = await createSourceRepository();
    await using backend = localBackend(isolation);
    await using sandbox = await open(backend, source, source.commit);
    const script =
      'echo new >new && git add new && git commit -qm new && git push -q "$0" HEAD && git rev-parse HEAD';
    const pushed = await sandbox.exec({ command: ['sh', '-c', script, sandbox.paths.intake] }).result;
    expect(pushed.stderr).toBe('');
    const target = { repository: source.repository, ref: 'refs/collected/kept' };
    expect(`${await sandbox.collect(target)}\n`).toBe(pushed.stdout);
  });
});

describe.skipIf(cannotIsolate !== undefined)('kept trees', () => {
  it('are one for runs after each other and two at most at the same time, until the end', async () => {
    const root = temporaryFolder('kept');
    const trees = async () => (await readdir(join(root, 'trees'))).filter((name) => !name.endsWith('.json'));
    await using source = await createSourceRepository();
    const second = await source.commitFiles({ second: '2' });
    {
      await using backend = localBackend('auto', { root });
      for (const commit of [source.commit, second, source.commit]) {
        await using sandbox = await open(backend, source, commit);
        expect((await sandbox.exec({ command: ['test', '-e', 'README.md'] }).result).exitCode).toBe(0);
        expect(await trees()).toHaveLength(1);
      }
      await using one = await open(backend, source, source.commit);
      await using two = await open(backend, source, second);
      expect(await trees()).toHaveLength(2);
      const list = async (sandbox: typeof one) => (await sandbox.exec({ command: ['ls'] }).result).stdout;
      expect(await Promise.all([list(one), list(two)])).toEqual(['README.md\n', 'README.md\nsecond\n']);
      const third = await source.commitFiles({ third: '3' });
      const more = await Promise.all([third, third, second].map((commit) => open(backend, source, commit)));
      expect(await Promise.all(more.map(list))).toEqual([
        'README.md\nsecond\nthird\n',
        'README.md\nsecond\nthird\n',
        'README.md\nsecond\n',
      ]);
      expect(await trees()).toHaveLength(2);
    }
    expect(await readdir(join(root, 'trees'))).toEqual([]);
  });

  it('keep the changes of a command for the next of the same sandbox', async () => {
    await using source = await createSourceRepository({ kept: 'k', removed: 'r' });
    await using backend = localBackend('auto');
    await using sandbox = await open(backend, source, source.commit);
    await sandbox.exec({ command: ['sh', '-c', 'rm removed; echo new >new; mkdir dir; mv kept dir'] }).result;
    expect((await sandbox.exec({ command: ['find', 'dir', 'new', 'removed'] }).result).stdout).toBe(
      'dir\ndir/kept\nnew\n',
    );
    expect(String(await sandbox.readFile(`${sandbox.paths.workdir}/dir/kept`))).toBe('k');
    await expect(sandbox.readFile(`${sandbox.paths.workdir}/kept`)).rejects.toMatchObject({
      code: 'SANDBOX_FILE_REFUSED',
      details: { missing: true },
    });
  });

  it('are read and written from outside with the same refusals as a checkout of its own', async () => {
    await using source = await createSourceRepository({ kept: 'k', 'sub/file': 'f' });
    await using backend = localBackend('auto');
    await using sandbox = await open(backend, source, source.commit);
    const { workdir } = sandbox.paths;
    const script =
      'mkdir folder; ln -s /etc/passwd link; ln -s / root; ln -s sub alias; mkfifo pipe; echo 12345 >big';
    expect((await sandbox.exec({ command: ['sh', '-c', script] }).result).exitCode).toBe(0);
    const refused = { code: 'SANDBOX_FILE_REFUSED' };
    for (const name of [
      'none',
      'sub',
      'link',
      'root/etc/passwd',
      'alias/file',
      'pipe',
      '../control',
      '.',
      '',
    ]) {
      await expect(sandbox.readFile(`${workdir}/${name}`), name).rejects.toMatchObject(refused);
    }
    for (const name of ['sub', 'link', 'root/tmp/x', 'alias/x', 'pipe', '../x', 'kept/x', '.']) {
      await expect(sandbox.writeFile(`${workdir}/${name}`, 'x'), name).rejects.toMatchObject(refused);
    }
    await expect(sandbox.readFile(`${workdir}/big`, { maxBytes: 5 })).rejects.toMatchObject(refused);
    expect((await sandbox.readFile(`${workdir}/big`, { maxBytes: 6 })).length).toBe(6);
    const bytes = new Uint8Array(3_000_000).map((_zero, index) => index % 251);
    await sandbox.writeFile(`${workdir}/sub/-new line\n/*`, bytes);
    const read = await sandbox.readFile(`${workdir}/sub//./-new line\n/*`);
    expect(Buffer.compare(read, bytes)).toBe(0);
  });

  it('of a process that died are removed by the next', async () => {
    const root = temporaryFolder('kept');
    const dead = join(root, 'trees', 'tree-dead');
    await mkdir(dead, { recursive: true });
    const record = {
      v: 2,
      id: 'tree-dead',
      labels: { run: 'run-dead', purpose: 'gate' },
      createdAtMs: 0,
      owner: { pid: 2 ** 22 + 1, start: 'never', handle: 'dead' },
    };
    await writeFile(`${dead}.1.json`, JSON.stringify(record));
    await using source = await createSourceRepository();
    await using backend = localBackend('auto', { root });
    await using sandbox = await open(backend, source, source.commit);
    expect((await sandbox.exec({ command: ['ls'] }).result).stdout).toBe('README.md\n');
    expect(await readdir(join(root, 'trees'))).not.toContain('tree-dead');
  });

  it('are made once for all that ask at the same time, also when the first gives up', async () => {
    const root = temporaryFolder('kept');
    await using source = await createSourceRepository();
    await using backend = localBackend('auto', { root });
    const abort = new AbortController();
    const spec = { labels: { run: 'run-kept', purpose: 'gate' }, checkout: 'overlay' } as const;
    const first = backend.create({ ...spec, source: source.at(source.commit) }, { signal: abort.signal });
    const others = [1, 2, 3].map(() => open(backend, source, source.commit));
    abort.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    for (const sandbox of await Promise.all(others)) {
      expect((await sandbox.exec({ command: ['ls'] }).result).stdout).toBe('README.md\n');
    }
    const trees = (await readdir(join(root, 'trees'))).filter((name) => !name.endsWith('.json'));
    expect(trees).toHaveLength(1);
  });

  it('serve attempts on big repositories, and on no others, unless told', async () => {
    const root = temporaryFolder('kept');
    const big = Object.fromEntries(Array.from({ length: 2_000 }, (_none, index) => [`f/${index}`, '']));
    await using source = await createSourceRepository();
    await using backend = localBackend('auto', { root });
    const labels = { run: 'run-kept', purpose: 'attempt' } as const;
    const overlaid = async (spec: Partial<SandboxSpec>) => {
      await using sandbox = await backend.create({ labels, ...spec });
      const mounted = await sandbox.exec({ command: ['sh', '-c', 'grep -c overlay /proc/self/mounts'] })
        .result;
      return mounted.stdout !== '0\n';
    };
    expect(await overlaid({ source: source.at(source.commit) })).toBe(false);
    const commit = await source.commitFiles(big);
    expect(await overlaid({ source: source.at(commit) })).toBe(true);
    expect(await overlaid({ source: source.at(commit), checkout: 'own' })).toBe(false);
  });

  it('are given up when bringing one to a commit fails', async () => {
    await using source = await createSourceRepository();
    await using backend = localBackend('auto');
    await (await open(backend, source, source.commit)).terminate();
    const missing = CommitShaSchema.parse('0123456789'.repeat(4));
    await expect(open(backend, source, missing)).rejects.toMatchObject({ code: 'SANDBOX_SETUP_FAILED' });
    await using sandbox = await open(backend, source, source.commit);
    expect((await sandbox.exec({ command: ['git', 'status', '--porcelain'] }).result).stdout).toBe('');
  });
});
