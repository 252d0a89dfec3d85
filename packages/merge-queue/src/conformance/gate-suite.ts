import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommitSha } from '@agentswarm/core';
import { commitTree, initBareRepository, treeOf, writeBlobIntoTree } from '@agentswarm/git';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandGateOptions } from '../gate/command-gate.ts';
import type { Gate, GateVerdict } from '../gate/gate.ts';

/** A way of running commands as a gate, for the suite to try. */
export interface GateUnderTest extends AsyncDisposable {
  /** Makes a gate of shell commands. */
  gateOf(
    list: readonly string[],
    limits?: Pick<CommandGateOptions, 'timeoutMs' | 'maxOutputBytes' | 'minTests'>,
  ): Gate;
  /** Whether a process whose arguments hold `marker` runs anywhere the gate runs things. */
  isRunning(marker: string): Promise<boolean>;
}

export interface GateSuiteOptions {
  /** Name of the gate under test. */
  readonly name: string;
  /** Makes the gate; called once, disposed at the end. */
  readonly create: () => Promise<GateUnderTest>;
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904' as CommitSha;
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;

/** Declares the tests that every {@link Gate} of commands must pass. Call it in a vitest file. */
export function runGateSuite(options: GateSuiteOptions): void {
  describe(`gate: ${options.name}`, () => {
    let gates: GateUnderTest;
    let repository: string;
    let commit: CommitSha;
    beforeAll(async () => {
      gates = await options.create();
      repository = await mkdtemp(join(tmpdir(), 'agentswarm-gate-'));
      await initBareRepository({ directory: repository });
      commit = await commitFile({ repository, path: 'README.md', content: 'hello\n' });
    });
    afterAll(async () => {
      await gates[Symbol.asyncDispose]();
      await rm(repository, { recursive: true, force: true });
    });

    const judge = async (gate: Gate, more: { at?: CommitSha; signal?: AbortSignal } = {}) => {
      const { at = commit, signal = new AbortController().signal } = more;
      const tree = await treeOf({ repository, commit: at });
      return await gate.run({ repository, commit: at, tree, tickets: ['one.1'], signal });
    };
    const judged = (script: string, limits?: Parameters<GateUnderTest['gateOf']>[1]) =>
      judge(gates.gateOf([script], limits));
    /** A command that cannot be mistaken for another one's. */
    const endless = () => {
      const marker = randomUUID();
      return { marker, script: `sh -c 'while :; do sleep 0.1; done' ${marker}` };
    };
    const failureOf = (verdict: GateVerdict) =>
      verdict.kind === 'pass' ? expect.fail('it passed') : verdict.failure;

    it('passes when every command ends with 0', async () => {
      expect(await judge(gates.gateOf(['true', 'test -f README.md']))).toEqual({ kind: 'pass' });
    });

    it('fails with command, exit code and the end of the output of the first that does not', async () => {
      const verdict = await judge(gates.gateOf(['true', 'echo out; echo err >&2; exit 3', 'exit 4']));
      const failure = { command: 'echo out; echo err >&2; exit 3', exitCode: 3, outputTail: 'out\nerr' };
      expect(verdict).toEqual({ kind: 'fail', failure });
    });

    it('judges exactly the tree of the commit', async () => {
      const at = await commitFile({ repository, parent: commit, path: 'dir/new', content: 'new\n' });
      const script = 'git rev-parse HEAD; git status --porcelain; git ls-files; ls -A; cat dir/new; exit 1';
      const { outputTail } = failureOf(await judge(gates.gateOf([script]), { at }));
      expect(outputTail).toBe(`${at}\nREADME.md\ndir/new\n.git\nREADME.md\ndir\nnew`);
    });

    it('shows a run nothing of an earlier one, whatever that did to its tree', async () => {
      const harm = [
        'touch stray; mkdir -p ignored && touch ignored/file; echo /ignored >.git/info/exclude',
        'touch -r README.md now; echo HELLO >README.md; touch -r now README.md; rm now',
        'git config core.fsmonitor true; git update-index --assume-unchanged README.md',
        'mkdir -p .git/hooks; echo "touch hooked" >.git/hooks/post-checkout; chmod +x .git/hooks/post-checkout',
        'rm -f .git/index; echo ref: refs/heads/none >.git/HEAD; chmod 0 .git; echo x >"$HOME/x"; chmod 0 .',
      ].join('\n');
      expect(await judged(harm)).toEqual({ kind: 'pass' });
      const look = 'cat README.md; git status --porcelain --ignored; ls -A; ls "$HOME"; exit 1';
      expect(failureOf(await judged(look)).outputTail).toBe('hello\n.git\nREADME.md');
    });

    it.each([
      ['takes too long', 'sleep 600'],
      ['is killed', 'kill -9 $$'],
      ['kills itself politely', 'kill $$; sleep 600'],
      ['does not exist', 'no-such-program-anywhere'],
      ['cannot be executed', './README.md'],
      ['says that it found no test', 'echo 1..0'],
    ])('has no answer when a command %s', async (_title, script) => {
      const verdict = await judged(script, { timeoutMs: 1_500 });
      expect(verdict).toMatchObject({ kind: 'could_not_run', failure: { command: script } });
    });

    it('fails when a command crashes', async () => {
      expect(await judged('kill -SEGV $$')).toMatchObject({
        kind: 'fail',
        failure: { problem: 'ended by SIGSEGV' },
      });
    });

    it('asks for a number of tests', async () => {
      expect(await judged('echo "# pass 3"', { minTests: 3 })).toEqual({ kind: 'pass' });
      expect(await judged('echo "# pass 3"', { minTests: 4 })).toMatchObject({ kind: 'could_not_run' });
      expect(await judged('echo fine', { minTests: 1 })).toMatchObject({ kind: 'could_not_run' });
    });

    it('leaves nothing running that a command started in the background', async () => {
      const { marker, script } = endless();
      expect(await judged(`setsid ${script} >/dev/null 2>&1 </dev/null & true`)).toEqual({ kind: 'pass' });
      expect(await gates.isRunning(marker)).toBe(false);
    });

    it('leaves nothing running of a command that took too long', async () => {
      const { marker, script } = endless();
      const hung = `trap '' TERM INT HUP; setsid ${script} & ${script}`;
      const verdict = await judged(hung, { timeoutMs: 500 });
      expect(verdict).toMatchObject({
        kind: 'could_not_run',
        failure: { problem: 'took longer than 500 ms' },
      });
      expect(await gates.isRunning(marker)).toBe(false);
    });

    it('rejects with the reason of an abort and leaves nothing running', async () => {
      const { marker, script } = endless();
      const controller = new AbortController();
      const reason = new RangeError('no longer wanted');
      const judging = judge(gates.gateOf([script]), { signal: controller.signal });
      const settled = judging.then(
        () => 'judged',
        (error: unknown) => error,
      );
      await expect.poll(() => gates.isRunning(marker), { timeout: 30_000 }).toBe(true);
      controller.abort(reason);
      expect(await settled).toBe(reason);
      expect(await gates.isRunning(marker)).toBe(false);
    });

    it('keeps little of an endless output', async () => {
      const before = process.memoryUsage().rss;
      const script = 'head -c 2000000000 /dev/zero | tr "\\0" x; echo; echo THE END; exit 1';
      const { outputTail } = failureOf(await judged(script, { maxOutputBytes: 10_000 }));
      expect(outputTail.endsWith('xxx\nTHE END')).toBe(true);
      expect(outputTail.length).toBeLessThanOrEqual(4096);
      expect(process.memoryUsage().rss - before).toBeLessThan(MAX_GROWTH_BYTES);
    });

    it('names what besides the tree decides', () => {
      const name = gates.gateOf(['test']).environment;
      expect(name).toMatch(/./);
      expect(gates.gateOf(['test'], { timeoutMs: 1 }).environment).toBe(name);
      expect(gates.gateOf(['other']).environment).not.toBe(name);
    });
  });
}

interface NewFile {
  readonly repository: string;
  readonly parent?: CommitSha;
  readonly path: string;
  readonly content: string;
}

async function commitFile({ repository, parent, path, content }: NewFile): Promise<CommitSha> {
  const base = parent === undefined ? EMPTY_TREE : await treeOf({ repository, commit: parent });
  const tree = await writeBlobIntoTree({ repository, base, path, content });
  const author = { name: 'Test', email: 'test@example.invalid' };
  const parents = parent === undefined ? [] : [parent];
  return await commitTree({ repository, tree, parents, message: `Add ${path}`, author });
}
