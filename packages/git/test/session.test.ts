import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommitShaSchema, type CommitSha } from '@agentswarm/core';
import { openGitSession, type GitSession } from '@agentswarm/git';

const runs = process.env.TEST_DEEP === undefined ? 25 : 300;
const PERSON = { name: 'Test', email: 'test@example.invalid' };
const DATE_MS = 1_700_000_000_000;

let root: string;
let repository: string;
let session: GitSession;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'git-session-'));
  repository = join(root, 'bare.git');
  git('init', '-q', '--bare', '-b', 'main', repository);
  session = await openGitSession({ repository });
});
afterEach(async () => {
  await session[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

function environment(): NodeJS.ProcessEnv {
  const date = `${DATE_MS / 1000} +0000`;
  const of = (who: string) => ({
    [`GIT_${who}_NAME`]: PERSON.name,
    [`GIT_${who}_EMAIL`]: PERSON.email,
    [`GIT_${who}_DATE`]: date,
  });
  return { PATH: process.env['PATH'], HOME: root, ...of('AUTHOR'), ...of('COMMITTER') };
}

function git(...args: string[]): string {
  const cwd = args[0] === 'init' ? root : repository;
  return execFileSync('git', args, { cwd, env: environment(), encoding: 'utf8', stdio: 'pipe' }).trim();
}

/** A commit of these files, made by git itself. */
function commit(parents: readonly string[], files: Readonly<Record<string, string>>): CommitSha {
  const lines = Object.entries(files).map(([path, content]) => {
    const blob = spawnSync('git', ['hash-object', '-w', '--stdin'], {
      cwd: repository,
      input: content,
      encoding: 'utf8',
    });
    return `100644 ${blob.stdout.trim()}\t${path}\n`;
  });
  const index = join(root, `index-${Math.random()}`);
  const env = { ...environment(), GIT_INDEX_FILE: index };
  execFileSync('git', ['update-index', '--index-info'], { cwd: repository, env, input: lines.join('') });
  const tree = execFileSync('git', ['write-tree'], { cwd: repository, env, encoding: 'utf8' }).trim();
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', 'commit'];
  return CommitShaSchema.parse(git(...args));
}

/** What a git of its own says about a merge. */
function freshMerge(ours: string, theirs: string): { tree: string; paths: string[]; clean: boolean } {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs];
  const { stdout, status } = spawnSync('git', args, { cwd: repository, encoding: 'utf8' });
  const [tree = '', ...paths] = stdout.split('\0').filter((field) => field !== '');
  return { tree, paths: [...new Set(paths)].toSorted(), clean: status === 0 };
}

const contents = fc.constantFrom('a\n', 'b\n', 'a\nb\nc\n', 'a\nB\nc\n', 'x\ny\nz\nw\n', 'x\ny\nZ\nw\n');
const files = fc.dictionary(fc.constantFrom('one', 'two', 'dir/three', 'dir/deep/four'), contents);

describe('merging', () => {
  it('gives the tree and the conflicts of git, with the base told or found', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, files, async (before, mine, other) => {
        const base = commit([], { ...before, root: '' });
        const ours = commit([base], { ...mine, root: '' });
        const theirs = commit([base], { ...other, root: '' });
        const expected = freshMerge(ours, theirs);
        for (const merged of [
          await session.merge({ ours, theirs }),
          await session.merge({ ours, theirs, base }),
        ]) {
          const paths = merged.kind === 'clean' ? [] : merged.conflicts.map(({ path }) => path);
          const isMade = /~[0-9a-f]{40}/;
          expect(merged.kind === 'clean').toBe(expected.clean);
          expect(paths.filter((path) => !isMade.test(path))).toEqual(
            expected.paths.filter((path) => !isMade.test(path)),
          );
          if (expected.clean) expect(merged.tree).toBe(expected.tree);
        }
      }),
      { numRuns: runs },
    );
  }, 300_000);

  it('tells the three versions of a path', async () => {
    const base = commit([], { f: 'base\n' });
    const ours = commit([base], { f: 'ours\n' });
    const theirs = commit([base], {});
    const merged = await session.merge({ ours, theirs });
    expect(merged).toMatchObject({
      kind: 'conflicted',
      conflicts: [
        {
          path: 'f',
          base: { mode: '100644', object: git('rev-parse', `${base}:f`) },
          ours: { mode: '100644', object: git('rev-parse', `${ours}:f`) },
        },
      ],
    });
  });

  it('says so when a commit is missing or the histories have nothing in common, and goes on', async () => {
    const a = commit([], { a: '' });
    const b = commit([], { b: '' });
    const missing = CommitShaSchema.parse('1'.repeat(40));
    await expect(session.merge({ ours: a, theirs: missing })).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await expect(session.merge({ ours: a, theirs: b })).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(await session.merge({ ours: a, theirs: commit([a], { a: 'x' }) })).toMatchObject({
      kind: 'clean',
    });
  });

  it('goes on with another process when one was killed', async () => {
    const base = commit([], { f: 'base\n' });
    const theirs = commit([base], { f: 'theirs\n' });
    await session.merge({ ours: base, theirs });
    for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL');
    await expect
      .poll(async () => {
        try {
          return (await session.merge({ ours: base, theirs })).kind;
        } catch (error) {
          return error instanceof Error ? error.message : 'unknown';
        }
      })
      .toBe('clean');
  });
});

/** Processes started by a process that have not been waited for. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, fields = ''] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return Number(fields.split(' ')[1]) === parent;
      } catch (error) {
        if (error instanceof Error && 'code' in error) return false;
        throw error;
      }
    });
}

describe('writing', () => {
  it('makes the commits that git commit-tree makes', async () => {
    const parent = commit([], { a: '' });
    const tree = CommitShaSchema.parse(git('rev-parse', `${parent}^{tree}`));
    const expected = git('commit-tree', tree, '-p', parent, '-m', 'Größe\n\nbody');
    const message = 'Größe\n\nbody\n';
    const request = { tree, parents: [parent], message, author: PERSON, committer: PERSON, dateMs: DATE_MS };
    expect(await session.writeCommit(request)).toBe(expected);
    expect(await session.readCommit(CommitShaSchema.parse(expected))).toMatchObject({
      tree,
      parents: [parent],
      message,
    });
  });

  it('stores objects git takes for its own, whatever their size', async () => {
    for (const length of [0, 1, 300, 3980, 4000, 4100, 70_000]) {
      const content = 'x'.repeat(length);
      const blob = await session.writeBlob(content);
      const asked = spawnSync('git', ['cat-file', 'blob', blob], { cwd: repository, encoding: 'utf8' });
      expect(asked.stdout).toBe(content);
    }
    git('fsck', '--strict');
  });

  it('edits trees as the index would', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, async (before, after) => {
        const base = commit([], { ...before, root: '' });
        const expected = commit([], { ...after, root: '' });
        const gone = Object.keys(before).filter((path) => !(path in after));
        const edits = [
          ...gone.map((path) => ({ path, version: null })),
          ...(await Promise.all(
            Object.entries(after).map(async ([path, content]) => ({
              path,
              version: { mode: '100644', object: await session.writeBlob(content) },
            })),
          )),
        ];
        expect(await session.editTree(base, edits)).toBe(git('rev-parse', `${expected}^{tree}`));
      }),
      { numRuns: runs },
    );
  }, 300_000);

  it.each(['../x', '/x', 'a//b', 'a/./b', '.git/config', 'a/.GIT/b', ''])(
    'refuses the path %j',
    async (path) => {
      const base = commit([], { a: '' });
      const version = { mode: '100644', object: await session.writeBlob('') };
      await expect(session.editTree(base, [{ path, version }])).rejects.toMatchObject({
        code: 'GIT_BAD_ARGUMENT',
      });
    },
  );

  it('moves refs together or not at all', async () => {
    const [a, b] = [commit([], { a: '' }), commit([], { b: '' })];
    const both = (old: CommitSha | null, next: CommitSha) => [
      { ref: 'refs/heads/one', old, new: next },
      { ref: 'refs/heads/two', old, new: next },
    ];
    expect(await session.updateRefs(both(null, a))).toEqual({ kind: 'updated' });
    git('update-ref', 'refs/heads/two', b);
    expect(await session.updateRefs(both(a, b))).toEqual({ kind: 'moved', actual: b });
    expect(await session.resolveRef('refs/heads/one')).toBe(a);
    expect(await session.updateRefs([{ ref: 'refs/heads/one', old: a, new: null }])).toEqual({
      kind: 'updated',
    });
    expect(await session.resolveRef('refs/heads/one')).toBeUndefined();
    git('pack-refs', '--all');
    expect(await session.resolveRef('refs/heads/two')).toBe(b);
  });
});

describe('reading', () => {
  it('compares trees, links and names of any bytes, and finds paths', async () => {
    const before = commit([], { 'dir/a': 'a', b: 'b' });
    const after = commit([], { 'dir/a': 'A', c: 'c' });
    expect((await session.diff(before, after)).map(({ path }) => path)).toEqual(['b', 'c', 'dir/a']);
    expect(await session.diff(before, before)).toEqual([]);
    expect(await session.versionAt(before, 'dir/a')).toMatchObject({ mode: '100644' });
    expect(await session.versionAt(before, 'dir')).toBeUndefined();
    expect(await session.namesIn(before, '')).toEqual(['b', 'dir']);
    expect(await session.namesIn(before, 'nowhere')).toEqual([]);
  });

  it('does not read what is too large, missing or no blob', async () => {
    const blob = await session.writeBlob('x'.repeat(100));
    await expect(session.readBlob(blob, { maxBytes: 99 })).rejects.toMatchObject({
      code: 'GIT_OUTPUT_TOO_LARGE',
    });
    expect((await session.readBlob(blob))?.length).toBe(100);
    expect(await session.readBlob(CommitShaSchema.parse('2'.repeat(40)))).toBeUndefined();
    expect(await session.readBlob(commit([], { a: '' }))).toBeUndefined();
    expect(await session.sizesOf([blob, CommitShaSchema.parse('2'.repeat(40))])).toEqual([100, undefined]);
  });

  it('tells commits from what is none, however many it is asked about', async () => {
    const [a, b] = [commit([], { a: '' }), commit([], { b: '' })];
    const tree = CommitShaSchema.parse(git('rev-parse', `${a}^{tree}`));
    const missing = CommitShaSchema.parse('4'.repeat(40));
    const asked = Array.from({ length: 700 }, () => [a, tree, missing, b]).flat();
    expect(await session.commitsAmong(asked)).toEqual(Array.from({ length: 700 }, () => [a, b]).flat());
    expect(await session.commitsAmong([])).toEqual([]);
  });

  it('relates heads to a tip as merge-base and rev-list do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(6), fc.nat(6), fc.boolean()), { minLength: 2, maxLength: 9 }),
        async (shape) => {
          const made = history(shape);
          const [tip = '' as CommitSha] = made.slice(-1);
          const missing = CommitShaSchema.parse('3'.repeat(40));
          const facts = await session.relate(tip, [...made, missing]);
          expect(facts.at(-1)?.relation).toBe('missing');
          for (const { head, relation, commits, frontier } of facts.slice(0, -1)) {
            const own = git('rev-list', head, `^${tip}`).split('\n').filter(Boolean);
            const best = mergeBases(head, tip);
            const apart = best.length === 0 ? 'unrelated' : 'ahead';
            expect(relation).toBe(own.length === 0 ? 'contained' : apart);
            if (relation !== 'ahead') continue;
            expect([...commits].toSorted()).toEqual(own.toSorted());
            expect(frontier).toEqual(expect.arrayContaining(best));
            if (frontier.length === 1) expect(best).toEqual(frontier);
          }
        },
      ),
      { numRuns: runs },
    );
  }, 300_000);
});

/** Commits with up to two parents among those before, as the numbers say; some begin a history of their own. */
function history(
  shape: readonly (readonly [first: number, second: number, isMerge: boolean])[],
): CommitSha[] {
  const made: CommitSha[] = [];
  for (const [index, [first, second, isMerge]] of shape.entries()) {
    const isRoot = made.length === 0 || (first === 6 && index > 4);
    const parents = isRoot ? [] : [made[first % made.length] ?? ''];
    if (isMerge && made.length > 1) parents.push(made[second % made.length] ?? '');
    made.push(commit([...new Set(parents)], { [`f${index}`]: '' }));
  }
  return made;
}

/** None for histories without a common commit. */
function mergeBases(head: CommitSha, tip: CommitSha): string[] {
  const { stdout } = spawnSync('git', ['merge-base', '--all', head, tip], {
    cwd: repository,
    encoding: 'utf8',
  });
  return stdout.split('\n').filter(Boolean);
}

it('leaves no process behind and answers nothing after it was closed', async () => {
  const a = commit([], { a: '' });
  await session.merge({ ours: a, theirs: a });
  const before = childrenOf(process.pid).length;
  expect(before).toBeGreaterThan(0);
  await session[Symbol.asyncDispose]();
  expect(childrenOf(process.pid)).toEqual([]);
  await expect(session.merge({ ours: a, theirs: commit([a], { a: 'x' }) })).rejects.toMatchObject({
    code: 'GIT_ABORTED',
  });
});
