import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger, type Logger } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { createSourceRepository } from '../src/conformance/source-repository.ts';
import { createHostGit } from '../src/commits/host-git.ts';
import { createPins } from '../src/local/pins.ts';
import { ISOLATIONS, localBackend, temporaryFolder } from './local-machine.ts';

const PINS = 'refs/agentswarm/borrowed';

/** Reads every object of the history and every file, then commits and pushes. */
const USE_ALL = `set -e
git rev-list --objects HEAD | cut -c1-40 | git cat-file --batch >/dev/null; git fsck --no-dangling
git log --format=%s; cat first; echo new >new; git add .; git commit -qm new; git push -q "$0" HEAD; git rev-parse HEAD`;

describe.each(ISOLATIONS)('what a sandbox borrows, with isolation %s', (isolation) => {
  it.each(['own', 'overlay'] as const)(
    'survives everything its source can do to it (%s)',
    async (checkout) => {
      await using source = await createSourceRepository({ first: '1' });
      const middle = await source.commitFiles({ first: 'one\n', second: '2' });
      const last = await source.commitFiles({ first: 'three\n' });
      await using backend = localBackend(isolation);
      const spec = { labels: { run: 'run-borrow', purpose: 'attempt' }, checkout } as const;
      await using moved = await backend.create({ ...spec, source: source.at(last) });
      await using sandbox = await backend.create({ ...spec, source: source.at(middle) });
      const other = await source.commitFiles({ first: 'other\n' });
      await source.git('update-ref', '--no-deref', 'HEAD', source.commit);
      await source.git('update-ref', '-d', 'refs/heads/main');
      await source.git('reset', '-q', '--hard', source.commit);
      await source.git('reflog', 'expire', '--expire=now', '--expire-unreachable=now', '--all');
      await source.git('gc', '-q', '--prune=now');
      await source.git('repack', '-q', '-adF');
      await expect(source.git('cat-file', '-e', other)).rejects.toMatchObject({ name: 'SandboxError' });

      const command = (from: typeof sandbox) => ['sh', '-c', USE_ALL, from.paths.intake] as const;
      const used = await sandbox.exec({ command: [...command(sandbox)] }).result;
      expect(used).toMatchObject({ exitCode: 0, stderr: '' });
      expect(used.stdout).toContain('change\nchange\none\n');
      const head = await sandbox.collect({ repository: source.repository, ref: 'refs/collected/pinned' });
      expect(used.stdout.endsWith(`${head}\n`)).toBe(true);
      expect((await moved.exec({ command: [...command(moved)] }).result).stdout).toContain('three\n');
    },
  );

  it('is given back at the end, and when it is reaped after a crash', async () => {
    const root = temporaryFolder('pins');
    await using source = await createSourceRepository();
    const pinned = () => source.git('for-each-ref', '--format=%(refname)', PINS);
    const spec = { labels: { run: 'run-borrow', purpose: 'attempt' } } as const;
    {
      await using backend = localBackend(isolation, { root });
      const sandbox = await backend.create({ ...spec, source: source.at(source.commit) });
      expect(await pinned()).toBe(`${PINS}/${sandbox.id}`);
      await sandbox.terminate();
      expect(await pinned()).toBe('');
      await backend.create({ ...spec, source: source.at(source.commit), checkout: 'overlay' });
      expect(await pinned()).not.toBe('');
    }
    expect(await pinned()).toBe('');
    expect(await readdir(join(root, 'pins'))).toEqual([]);
  });

  it('shows nothing of the source but its objects, and leaves it as it is', async () => {
    await using source = await createSourceRepository();
    await source.git('config', 'user.secret', 'canary');
    await source.git('branch', 'canary');
    await source.git('tag', 'canary-tag');
    await writeFile(join(source.repository, 'README.md'), 'stashed\n');
    await source.git('stash', '-q');
    await mkdir(join(source.repository, '.git/hooks'), { recursive: true });
    await writeFile(join(source.repository, '.git/hooks/pre-commit'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await writeFile(join(source.repository, 'staged-canary'), 'x');
    await source.git('add', 'staged-canary');
    const state = async () =>
      [
        await source.git('for-each-ref'),
        await source.git('config', '--list', '--local'),
        await source.git('status', '--porcelain'),
        await source.git('stash', 'list'),
        (await readdir(join(source.repository, '.git'))).join(' '),
      ].join('\n');
    const before = await state();
    await using backend = localBackend(isolation);
    for (const checkout of ['own', 'overlay'] as const) {
      const labels = { run: 'run-borrow', purpose: 'attempt' } as const;
      await using sandbox = await backend.create({ labels, checkout, source: source.at(source.commit) });
      const script = `git for-each-ref --format='%(refname)'; git stash list; git config --list --local | grep canary
        git ls-files; ls .git/hooks 2>/dev/null; echo x >x; git add x; git commit -qm x && echo committed`;
      const seen = await sandbox.exec({ command: ['sh', '-c', script] }).result;
      expect(seen.stdout).toBe('refs/heads/worker/task.1\nREADME.md\ncommitted\n');
    }
    await backend[Symbol.asyncDispose]();
    expect(await state()).toBe(before);
  });
});

describe('a pin', () => {
  it('that cannot be set is said, and no error', async () => {
    await using source = await createSourceRepository();
    // In the place of the folder that the ref needs, as on a disk that is read-only.
    await writeFile(join(source.repository, '.git/refs/agentswarm'), 'in the way');
    const said: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (_fields, message) => void said.push(message) };
    await using backend = localBackend('none', { logger });
    const labels = { run: 'run-borrow', purpose: 'attempt' } as const;
    await using sandbox = await backend.create({ labels, source: source.at(source.commit) });
    expect((await sandbox.exec({ command: ['ls'] }).result).stdout).toBe('README.md\n');
    expect(said.join()).toContain('could not be pinned');
  });

  it('is taken back by another process, and only once', async () => {
    await using source = await createSourceRepository();
    const options = {
      folder: temporaryFolder('pins'),
      git: createHostGit(''),
      logger: { ...silentLogger, warn: fail },
    };
    await createPins(options).set('sbx-1', { repository: source.repository, commit: source.commit });
    expect(await source.git('rev-parse', `${PINS}/sbx-1`)).toBe(source.commit);
    await createPins(options).remove('sbx-1');
    await createPins(options).remove('sbx-1');
    expect(await source.git('for-each-ref', PINS)).toBe('');
  });
});

function fail(fields: unknown, message?: string): void {
  expect.unreachable(`${message}: ${JSON.stringify(fields)}`);
}
