import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CommitShaSchema, type CommitSha } from '@agentswarm/core';

/** A temporary directory and plain, unhardened git in it: the tests' own hands. */
export interface GitFixture extends Disposable {
  readonly root: string;
  path(name: string): string;
  /** Runs git with the given directory as current one and gives its output, trimmed. */
  git(dir: string, ...args: string[]): string;
  /** Creates a work tree with one commit of the files, on branch main. */
  workTree(name: string, files: Record<string, string>): string;
  /** Writes files and commits them; gives the commit. */
  commit(dir: string, files: Record<string, string | null>, message?: string): CommitSha;
}

export function createGitFixture(): GitFixture {
  const root = mkdtempSync(join(tmpdir(), 'git-test-'));
  const env = {
    PATH: process.env.PATH,
    HOME: root,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Author',
    GIT_AUTHOR_EMAIL: 'author@example.org',
    GIT_COMMITTER_NAME: 'Author',
    GIT_COMMITTER_EMAIL: 'author@example.org',
  };
  const git = (dir: string, ...args: string[]) =>
    execFileSync('git', args, { cwd: dir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const commit = (dir: string, files: Record<string, string | null>, message = 'change') => {
    for (const [name, content] of Object.entries(files)) {
      const file = join(dir, name);
      if (content === null) rmSync(file);
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    }
    git(dir, 'add', '-A');
    git(dir, 'commit', '--quiet', '--allow-empty', '-m', message);
    return CommitShaSchema.parse(git(dir, 'rev-parse', 'HEAD'));
  };
  return {
    root,
    path: (name) => join(root, name),
    git,
    commit,
    workTree(name, files) {
      const dir = join(root, name);
      mkdirSync(dir);
      git(dir, 'init', '--quiet', '--initial-branch=main');
      git(dir, 'config', 'user.name', 'Author');
      git(dir, 'config', 'user.email', 'author@example.org');
      commit(dir, files, 'base');
      return dir;
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
