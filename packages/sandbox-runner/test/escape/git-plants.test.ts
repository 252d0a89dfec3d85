import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxBackend } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../src/conformance/source-repository.ts';
import { cannotIsolate, localBackend, temporaryFolder } from '../local-machine.ts';

// Without isolation, so that a planted program could really leave its canary on this machine.
let backend: SandboxBackend;
let source: SourceRepository;
const canaries = temporaryFolder('canary');

beforeAll(async () => {
  backend = localBackend('none');
  source = await createSourceRepository();
});
afterAll(async () => {
  await backend[Symbol.asyncDispose]();
  await source[Symbol.asyncDispose]();
});

interface Plant {
  readonly title: string;
  /** Planted in the work directory; `$run` is a program that leaves the canary. */
  readonly plant: string;
  /** What an unsuspecting user of the work directory would do to have it executed. */
  readonly naive: string;
}

const PLANTS: readonly Plant[] = [
  { title: 'a file system monitor', plant: 'git config core.fsmonitor "$run"', naive: 'git status' },
  {
    title: 'hooks',
    plant:
      'mkdir -p .git/hooks; for name in post-checkout post-index-change reference-transaction pre-push; do cp "$run" .git/hooks/$name; done',
    naive: 'git checkout -q -b other',
  },
  {
    title: 'another folder of hooks',
    plant: 'mkdir hooks; cp "$run" hooks/post-checkout; git config core.hooksPath "$PWD/hooks"',
    naive: 'git checkout -q -b other',
  },
  {
    title: 'a file of more settings',
    plant: 'git config -f more core.fsmonitor "$run"; git config include.path "$PWD/more"',
    naive: 'git status',
  },
  {
    title: 'settings for every folder',
    plant: 'git config -f more core.fsmonitor "$run"; git config "includeIf.gitdir:/.path" "$PWD/more"',
    naive: 'git status',
  },
  {
    title: 'filters for its files',
    plant:
      'echo "* filter=evil" >.gitattributes; git config filter.evil.clean "$run"; git config filter.evil.smudge "$run"; echo more >>README.md',
    naive: 'git add -A',
  },
  {
    title: 'a process that filters its files',
    plant:
      'echo "* filter=evil" >.gitattributes; git config filter.evil.process "$run"; echo more >>README.md',
    naive: 'git add -A',
  },
  {
    title: 'a conversion to text',
    plant: 'echo "* diff=evil" >.gitattributes; git config diff.evil.textconv "$run"; echo more >>README.md',
    naive: 'git diff',
  },
  {
    title: 'a program that shows differences',
    plant: 'git config diff.external "$run"; echo more >>README.md',
    naive: 'git diff',
  },
  {
    title: 'a way to connect',
    plant: 'git config core.sshCommand "$run"',
    naive: 'git fetch -q ssh://nowhere.invalid/x',
  },
  {
    title: 'a helper for passwords',
    plant: 'git config credential.helper "$run"',
    naive: 'echo url=https://example.invalid | git credential fill',
  },
  {
    title: 'a program that signs',
    plant: 'git config gpg.program "$run"; git config commit.gpgSign true',
    naive: 'git -c user.name=x -c user.email=x@example.invalid commit -q --allow-empty -m x',
  },
  {
    title: 'an editor',
    plant: 'git config core.editor "$run"',
    naive: 'git -c user.name=x -c user.email=x@example.invalid commit -q --allow-empty',
  },
  {
    title: 'a command for a submodule',
    plant: `git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub
git config -f .gitmodules submodule.sub.path sub; git config -f .gitmodules submodule.sub.url "$PWD"
git config submodule.sub.url "$PWD"; git config submodule.sub.update "!$run"`,
    naive: 'git -c protocol.file.allow=always submodule update',
  },
  {
    title: 'a place to fetch what is missing',
    plant:
      'git config remote.evil.url "$PWD"; git config remote.evil.promisor true; git config remote.evil.uploadpack "$run"; git config extensions.partialClone evil; git config core.repositoryFormatVersion 1',
    naive: 'git cat-file -e 0123456789012345678901234567890123456789',
  },
  {
    title: 'a link to another repository',
    plant:
      'mv .git elsewhere; git -C elsewhere config core.fsmonitor "$run"; echo "gitdir: $PWD/elsewhere" >.git',
    naive: 'git status',
  },
  {
    title: 'settings of the user',
    plant: 'git config --global core.fsmonitor "$run"',
    naive: 'HOME=$PWD/../home git status',
  },
];

/** Commits and pushes, then plants: what the plant does to the sandbox's own git does not count. */
async function plant(script: string, canary: string) {
  const sandbox = await backend.create({
    labels: { run: 'run-plants', purpose: 'attempt' },
    source: source.at(source.commit),
  });
  const planted = await sandbox.exec({
    command: [
      'bash',
      '-ec',
      `echo n >n; git add n; git commit -qm n; git push -q "$intake" HEAD
run=$PWD/../home/run; printf '#!/bin/sh\\n: >"%s"\\nexit 0\\n' "$canary" >"$run"; chmod +x "$run"; export run
${script}
rm -f "$canary"`,
    ],
    env: { intake: sandbox.paths.intake, canary },
  }).result;
  expect(planted).toMatchObject({ reason: 'exited', exitCode: 0 });
  return sandbox;
}

describe('what a sandbox plants for git', () => {
  for (const [index, { title, plant: script, naive }] of PLANTS.entries()) {
    it(`is not executed by the host: ${title}`, async () => {
      const canary = join(canaries, `${index}`);
      const sandbox = await plant(script, canary);
      const { workdir } = sandbox.paths;
      for (const ref of ['refs/collected/one', 'refs/collected/two']) {
        expect(await sandbox.collect({ repository: source.repository, ref })).toMatch(/^[0-9a-f]{40}$/);
      }
      await sandbox.writeFile(`${workdir}/from-host`, 'x');
      await sandbox.readFile(`${workdir}/README.md`);
      await sandbox.terminate();
      expect(existsSync(workdir)).toBe(false);
      expect(existsSync(canary)).toBe(false);
    });

    it(`could otherwise be executed: ${title}`, async () => {
      const canary = join(canaries, `naive-${index}`);
      await using sandbox = await plant(script, canary);
      spawnSync('sh', ['-c', naive], {
        cwd: sandbox.paths.workdir,
        env: { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
        timeout: 20_000,
      });
      expect(existsSync(canary)).toBe(true);
    });
  }

  it('is not executed when the host checks out what was handed in', async () => {
    const canary = join(canaries, 'checkout');
    const script = `git checkout -q -B "$(git symbolic-ref --short HEAD)"
echo "* filter=evil diff=evil merge=evil" >.gitattributes
mkdir -p .githooks; cp "$run" .githooks/post-checkout; printf '[core]\\n\\tfsmonitor = %s\\n' "$run" >.gitconfig
git add -A; git commit -qm planted; git push -q "$intake" HEAD`;
    const sandbox = await plant(script, canary);
    const ref = 'refs/collected/planted';
    const head = await sandbox.collect({ repository: source.repository, ref });
    await sandbox.terminate();
    if (head === undefined) return expect.fail('nothing was handed in');
    for (const checkout of ['own', 'overlay'] as const) {
      const next = await backend.create({
        labels: { run: 'run-plants', purpose: 'gate' },
        source: source.at(head),
        checkout,
      });
      await next.terminate();
    }
    expect(existsSync(canary)).toBe(false);
  });

  it('stays in front of a shared checkout, which the next one does not see', async (context) => {
    if (cannotIsolate !== undefined) context.skip(cannotIsolate);
    await using isolated = localBackend('auto');
    const spec = { labels: { run: 'run-plants', purpose: 'gate' }, checkout: 'overlay' } as const;
    const first = await isolated.create({ ...spec, source: source.at(source.commit) });
    const planting = `git config core.fsmonitor /workspace/home/run; mkdir -p .git/hooks; touch .git/hooks/post-checkout
echo x >>README.md; git update-index --assume-unchanged README.md; git stash -q || true; touch untracked`;
    await first.exec({ command: ['sh', '-c', planting] }).result;
    await first.terminate();
    const commit = await source.commitFiles({ more: 'more\n' });
    await using second = await isolated.create({ ...spec, source: source.at(commit) });
    const looking =
      'git config core.fsmonitor; ls .git/hooks; git stash list; git status --porcelain; cat more';
    const seen = await second.exec({ command: ['sh', '-c', looking] }).result;
    expect(seen.stdout).toBe('more\n');
  });
});
