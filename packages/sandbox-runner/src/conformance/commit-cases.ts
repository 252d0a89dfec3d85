import { expect } from 'vitest';
import type { SuiteCase } from './suite-case.ts';

const COMMIT = 'echo new >new.txt && git add new.txt && git commit -qm "feat: new"';

export const commitCases: readonly SuiteCase[] = [
  {
    title: 'checks out the commit on its branch, clean',
    run: async ({ open, source }) => {
      const sandbox = await open({ source: source.at(source.commit) });
      const script = 'git rev-parse HEAD; git branch --show-current; git status --porcelain; cat README.md';
      const result = await sandbox.exec({ command: ['sh', '-c', script] }).result;
      expect(result.stdout).toBe(`${source.commit}\nworker/task.1\nhello\n`);
      expect(result.stderr).toBe('');
    },
  },
  {
    title: 'has nothing to collect before something was pushed',
    run: async ({ open, source }) => {
      const sandbox = await open({ source: source.at(source.commit) });
      const target = { repository: source.repository, ref: 'refs/collected/nothing' };
      expect(await sandbox.collect(target)).toBeUndefined();
    },
  },
  {
    title: 'collects what was pushed, again and again',
    run: async ({ open, source }) => {
      const sandbox = await open({ source: source.at(source.commit) });
      const target = { repository: source.repository, ref: 'refs/collected/pushed' };
      for (const name of ['one', 'two', 'three']) {
        const script = `echo ${name} >${name}; git add .; git commit -qm ${name}; git push -q "$0" HEAD; git gc -q; git rev-parse HEAD`;
        const pushed = await sandbox.exec({ command: ['sh', '-c', script, sandbox.paths.intake] }).result;
        expect(pushed.stderr).toBe('');
        expect(`${await sandbox.collect(target)}\n`).toBe(pushed.stdout);
      }
      expect(await source.git('ls-tree', '--name-only', target.ref)).toBe('README.md\none\nthree\ntwo');
      expect(await source.git('rev-parse', `${target.ref}~3`)).toBe(source.commit);
    },
  },
  {
    title: 'collects from an intake whose refs and objects were packed',
    run: async ({ open, source }) => {
      const sandbox = await open({ source: source.at(source.commit) });
      const script = `${COMMIT}; git push -q "$0" HEAD; git -C "$0" pack-refs --all; git -C "$0" repack -qad; git rev-parse HEAD`;
      const pushed = await sandbox.exec({ command: ['sh', '-c', script, sandbox.paths.intake] }).result;
      const head = await sandbox.collect({ repository: source.repository, ref: 'refs/collected/packed' });
      expect(`${head}\n`).toBe(pushed.stdout);
    },
  },
  {
    title: 'refuses a branch that names no commit of its own',
    run: async ({ open, source }) => {
      for (const value of ['ref: refs/heads/other', 'f'.repeat(40), '../../x', '']) {
        const sandbox = await open({ source: source.at(source.commit) });
        const script = 'mkdir -p "$0/refs/heads/worker"; printf "%s\\n" "$1" >"$0/refs/heads/worker/task.1"';
        const { intake } = sandbox.paths;
        await sandbox.exec({ command: ['sh', '-c', script, intake, value] }).result;
        const collecting = sandbox.collect({ repository: source.repository, ref: 'refs/collected/forged' });
        await expect(collecting, value).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
      }
      expect(await source.git('for-each-ref', 'refs/collected/forged')).toBe('');
    },
  },
  {
    title: 'refuses commits that fsck finds broken',
    run: async ({ open, source }) => {
      const sandbox = await open({ source: source.at(source.commit) });
      const script = `b=$(echo x | git hash-object -w --stdin)
        t=$(printf '100644 .git\\0%b' "$(echo "$b" | sed 's/../\\\\x&/g')" | git hash-object -t tree -w --stdin --literally)
        c=$(git commit-tree -m bad "$t") && git -c transfer.fsckObjects=false push -q "$0" "$c:refs/heads/worker/task.1" && echo pushed`;
      const pushed = await sandbox.exec({ command: ['bash', '-c', script, sandbox.paths.intake] }).result;
      expect(pushed.stdout).toBe('pushed\n');
      const collecting = sandbox.collect({ repository: source.repository, ref: 'refs/collected/broken' });
      await expect(collecting).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
    },
  },
];
