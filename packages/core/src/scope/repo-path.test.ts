import fc from 'fast-check';
import { posix, win32 } from 'node:path';
import { describe, expect, it } from 'vitest';
import { baseOfScopePath, isInScope, isRepoPath, ScopePathSchema, scopePathsOverlap } from './repo-path.ts';

/** Text made of the pieces that path attacks are made of. */
const hostilePath = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '//',
        '\\',
        '.git',
        '.GIT',
        '.Git ',
        'git~1',
        'C:',
        'a',
        '.a',
        ' ',
        '~',
        ':',
      ),
      fc.constantFrom('\u0000', '\n', '\u007f', '\u009b', '\ud800', '\u200c', '%2e%2e', '\u2215'),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

const cleanName = fc.stringMatching(/^[a-z][a-z0-9_-]{0,7}(\.[a-z]{1,3})?$/);
const cleanPath = fc.array(cleanName, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));

describe('isRepoPath', () => {
  it('takes ordinary paths', () => {
    fc.assert(fc.property(cleanPath, (path) => isRepoPath(path)));
    const unusual = [
      '.gitignore',
      '.github/ci.yml',
      'a b/c',
      'näme.ts',
      '...',
      'a..b',
      'git',
      '.gitx/y',
      '🚀.md',
    ];
    expect(unusual.filter((path) => !isRepoPath(path))).toEqual([]);
  });

  it.each([
    '',
    '/',
    '/etc/passwd',
    '..',
    '../x',
    'a/../../x',
    'a/..',
    './a',
    'a/./b',
    'a//b',
    'a/',
    '.',
    'a\\b',
    '..\\x',
    'C:\\x',
    'C:x',
    'c:/x',
    '\\\\host\\share',
    '.git',
    '.git/config',
    'a/.git/hooks/post-commit',
    '.GIT/config',
    'sub/.Git',
    '.git./config',
    '.git /x',
    '.git::$INDEX_ALLOCATION/x',
    'GIT~1/config',
    '.g\u200cit/config',
    'a\u0000b',
    'a\nb',
    'a\u001bb',
    'a\u007fb',
    'a\u009bb',
    'a\ud800b',
    'x'.repeat(1025),
  ])('refuses %j', (path) => {
    expect(isRepoPath(path)).toBe(false);
  });

  it('never takes a path that leaves the repository, on any system, or enters .git', () => {
    fc.assert(
      fc.property(hostilePath, (path) => {
        if (!isRepoPath(path)) return;
        for (const system of [posix, win32]) {
          const root = system === posix ? '/repo' : 'R:\\repo';
          const resolved = system.resolve(root, path);
          expect(resolved.startsWith(root + system.sep)).toBe(true);
          const [first = ''] = system.relative(root, resolved).split(system.sep);
          expect(first.toLowerCase()).not.toBe('.git');
        }
        expect(posix.normalize(path)).toBe(path);
        expect(Buffer.from(path).toString()).toBe(path);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('ScopePathSchema', () => {
  it('takes files and directories', () => {
    const good = ['a.ts', 'src/', 'src/**', 'src/deep/**'];
    const bad = ['', '/', '/**', '../', '../**', 'a/../**', '.git/', '.git/**', 'a//', '/etc/'];
    expect([...good, ...bad].filter((entry) => ScopePathSchema.safeParse(entry).success)).toEqual(good);
  });
});

describe('isInScope', () => {
  it('knows files and what lies in directories', () => {
    const scope = ['src/main.ts', 'lib/', 'docs/**'];
    const inside = ['src/main.ts', 'lib/a.ts', 'lib/deep/b.ts', 'docs/x/y.md'];
    const outside = ['src/main.tsx', 'src/other.ts', 'src/main.ts/x', 'library/a.ts', 'doc/x', 'LIB/a.ts'];
    expect([...inside, ...outside].filter((file) => isInScope(file, scope))).toEqual(inside);
    expect(isInScope('a', [])).toBe(false);
  });
});

describe('scopePathsOverlap', () => {
  const entry = fc
    .tuple(
      fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '/', '/**'),
    )
    .map(([names, end]) => names.join('/') + end);

  it('is symmetric and true whenever some file is in both', () => {
    const file = fc
      .array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 4 })
      .map((names) => names.join('/'));
    fc.assert(
      fc.property(entry, entry, file, (a, b, path) => {
        expect(scopePathsOverlap(a, b)).toBe(scopePathsOverlap(b, a));
        if (isInScope(path, [a]) && isInScope(path, [b])) expect(scopePathsOverlap(a, b)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is true only when some file can be in both', () => {
    fc.assert(
      fc.property(entry, entry, (a, b) => {
        if (!scopePathsOverlap(a, b)) return;
        const candidates = [a, b].flatMap((scope) => [baseOfScopePath(scope), `${baseOfScopePath(scope)}/x`]);
        expect(candidates.some((path) => isInScope(path, [a]) && isInScope(path, [b]))).toBe(true);
      }),
    );
  });
});
