import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommitShaSchema, type CommitSha } from '@agentswarm/core';
import { openGitSession } from '@agentswarm/git';
import { createBranchGuard, sessionSource, type GuardPolicy } from '@agentswarm/merge-queue';
import { expect } from 'vitest';

/** One file of a commit: text, or a mode and what it has; null takes it away. */
export type Entry = string | Uint8Array | { readonly mode: string; readonly object: string } | null;

/** Writes commits of any shape, hostile ones too, which no work tree would let pass. */
export class BranchFixture implements Disposable {
  readonly store = mkdtempSync(join(tmpdir(), 'branch-test-'));

  constructor() {
    this.git(['init', '-q', '--bare', '-b', 'main']);
  }

  /** Plain, unhardened git: the tests' own hands. */
  git(args: readonly string[], input: string | Uint8Array = ''): string {
    const { status, stdout, stderr } = this.tryGit(args, input);
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  tryGit(args: readonly string[], input: string | Uint8Array = '') {
    const identity = { NAME: 'Worker', EMAIL: 'worker@example.org', DATE: '1700000000 +0000' };
    const env = Object.fromEntries(
      Object.entries(identity).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    );
    return spawnSync('git', ['-C', this.store, '-c', 'gc.auto=0', ...args], {
      env: { PATH: process.env.PATH, HOME: this.store, GIT_CONFIG_NOSYSTEM: '1', ...env },
      encoding: 'utf8',
      input,
    });
  }

  blob(content: string | Uint8Array): string {
    return this.git(['hash-object', '-w', '--stdin'], content);
  }

  /** A commit whose tree is that of `from` (default: its first parent) with these entries changed. */
  commit(
    parents: readonly CommitSha[],
    entries: Readonly<Record<string, Entry>>,
    options: { readonly message?: string; readonly from?: CommitSha } = {},
  ): CommitSha {
    const { message = 'change', from = parents[0] } = options;
    const lines = new Map<string, string>();
    const listed = from === undefined ? '' : this.git(['ls-tree', '-r', '-z', from]);
    for (const line of listed.split('\0').filter((text) => text !== '')) {
      lines.set(line.slice(line.indexOf('\t') + 1), line);
    }
    for (const [path, entry] of Object.entries(entries)) {
      lines.delete(path);
      if (entry === null) continue;
      // A path is a file or a directory: the later entry decides.
      const clashes = [...lines.keys()].filter(
        (old) => old.startsWith(`${path}/`) || path.startsWith(`${old}/`),
      );
      for (const old of clashes) lines.delete(old);
      lines.set(path, `${this.#metaOf(entry)}\t${path}`);
    }
    return this.commitTree(this.#tree([...lines.values()]), parents, message);
  }

  link(target: string): Entry {
    return { mode: '120000', object: this.blob(target) };
  }

  #metaOf(entry: Exclude<Entry, null>): string {
    if (typeof entry === 'string' || entry instanceof Uint8Array) return `100644 blob ${this.blob(entry)}`;
    return `${entry.mode} ${entry.mode === '160000' ? 'commit' : 'blob'} ${entry.object}`;
  }

  /** `git mktree` of one level at a time: unlike an index it takes every name. */
  #tree(lines: readonly string[]): string {
    const here: string[] = [];
    const below = new Map<string, string[]>();
    for (const line of lines) {
      const tab = line.indexOf('\t');
      const [meta, path] = [line.slice(0, tab), line.slice(tab + 1)];
      const slash = path.indexOf('/');
      if (slash === -1) here.push(line);
      else {
        const directory = path.slice(0, slash);
        below.set(directory, [...(below.get(directory) ?? []), `${meta}\t${path.slice(slash + 1)}`]);
      }
    }
    for (const [directory, inside] of below) here.push(`040000 tree ${this.#tree(inside)}\t${directory}`);
    return this.git(['mktree', '-z', '--missing'], here.map((line) => `${line}\0`).join(''));
  }

  commitTree(tree: string, parents: readonly CommitSha[], message = 'change'): CommitSha {
    const from = parents.flatMap((parent) => ['-p', parent]);
    return CommitShaSchema.parse(this.git(['commit-tree', tree, ...from], message));
  }

  [Symbol.dispose](): void {
    rmSync(this.store, { recursive: true, force: true });
  }
}

export interface Look {
  readonly tip: CommitSha;
  readonly head: CommitSha;
  readonly policy?: GuardPolicy;
}

/** `kind reason: paths` of everything a guard that sees the repository for the first time finds. */
export async function look(
  fixture: BranchFixture,
  { tip, head, policy = {} }: Look,
): Promise<readonly string[]> {
  await using session = await openGitSession({ repository: fixture.store });
  const guard = createBranchGuard(sessionSource(session), policy);
  const [facts] = await session.relate(tip, [head]);
  expect(facts?.relation).toBe('ahead');
  const findings = await guard({ tip, facts: facts! });
  return findings.map(({ kind, reason, paths }) => `${kind} ${reason}: ${paths.join(' ')}`);
}
