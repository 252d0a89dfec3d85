import { join } from 'node:path';
import { CommitShaSchema, type SandboxBackend } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../src/conformance/source-repository.ts';
import { ISOLATIONS, localBackend } from './local-machine.ts';

/** Kinds of repositories that people have, each made from a plain one. */
const KINDS: readonly (readonly [string, (source: SourceRepository) => Promise<string>])[] = [
  [
    'that borrows its objects itself',
    async (source) => {
      const path = join(source.folder, 'borrowing');
      await source.git('clone', '-q', '--bare', '--shared', source.repository, path);
      return path;
    },
  ],
  [
    'without its older history',
    async (source) => {
      const path = join(source.folder, 'shallow');
      await source.git('clone', '-q', '--bare', '--depth=1', `file://${source.repository}`, path);
      return path;
    },
  ],
  [
    'that is a linked work tree',
    async (source) => {
      const path = join(source.folder, 'linked');
      await source.git('worktree', 'add', '-q', '--detach', path);
      return path;
    },
  ],
  [
    'with SHA-256 names',
    async (source) => {
      const path = join(source.folder, 'sha256');
      await source.git('init', '-q', '--object-format=sha256', '-b', 'main', path);
      await source.git('-C', path, 'commit', '-q', '--allow-empty', '-m', 'first');
      return path;
    },
  ],
];

describe.each(ISOLATIONS)('a checkout with isolation %s', (isolation) => {
  let backend: SandboxBackend;
  let source: SourceRepository;
  beforeAll(async () => {
    backend = localBackend(isolation);
    source = await createSourceRepository();
    await source.commitFiles({ second: '2' });
  });
  afterAll(async () => {
    await backend[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
  });

  it.each(KINDS)('works from a repository %s', async (_kind, make) => {
    const repository = await make(source);
    const commit = CommitShaSchema.parse(await source.git('-C', repository, 'rev-parse', 'HEAD'));
    await using sandbox = await backend.create({
      labels: { run: 'run-checkout', purpose: 'attempt' },
      source: { ...source.at(commit), repository },
    });
    const script = `git log --format=%H >/dev/null && git fsck --no-dangling --connectivity-only >/dev/null &&
      echo new >new && git add new && git commit -qm new && git push -q "$0" HEAD && git rev-parse HEAD`;
    const pushed = await sandbox.exec({ command: ['sh', '-c', script, sandbox.paths.intake] }).result;
    expect(pushed.stderr).toBe('');
    expect(`${await sandbox.collect({ repository, ref: 'refs/collected/kind' })}\n`).toBe(pushed.stdout);
    expect(await source.git('-C', repository, 'show', 'refs/collected/kind:new')).toBe('new');
  });

  it('runs no filter and no hook of the source on the host', async () => {
    const marked = await source.commitFiles({ '.gitattributes': '* filter=evil\n', data: 'data\n' });
    const canary = join(source.folder, `canary-${isolation}`);
    await source.git('config', 'filter.evil.smudge', `touch ${canary}; cat`);
    await source.git('config', 'filter.evil.required', 'true');
    await using sandbox = await backend.create({
      labels: { run: 'run-checkout', purpose: 'attempt' },
      source: source.at(marked),
    });
    const result = await sandbox.exec({ command: ['sh', '-c', `cat data; ls ${canary}`] }).result;
    expect(result.stdout).toBe('data\n');
    await source.git('config', '--unset-all', 'filter.evil.smudge');
    await source.git('config', '--unset-all', 'filter.evil.required');
  });
});
