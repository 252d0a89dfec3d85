import type { CommitSha } from '@agentswarm/core';
import { GitError } from '../errors.ts';
import { runGit } from '../run-git.ts';
import type { SessionMergeResult } from './git-session.ts';
import type { GitPipe } from './git-pipe.ts';
import { parseMerge, mergeReader } from './parse-changes.ts';
import { openAnsweringPipe } from './probed-pipe.ts';

/** Merges after which the target is so far from where branches were forked that a stand-in pays. */
const SHORT_HISTORY = 2000;

const FLAGS = ['merge-tree', '--write-tree', '-z', '--no-messages'];

export interface MergeProcessOptions {
  readonly gitDir: string;
  readonly answersAtOnce: boolean;
  /** Some commit that exists: merged with itself to see what this git can do. */
  readonly probe: CommitSha;
  /** Writes a commit of a tree on a parent. */
  readonly commitOf: (tree: CommitSha, parent: CommitSha) => CommitSha;
  readonly treeOf: (commit: CommitSha) => Promise<CommitSha>;
}

/** Merges commits, through one process where git can be asked, else with a process for each merge. */
export class MergeProcess implements AsyncDisposable {
  readonly #options: MergeProcessOptions;
  readonly #pipe: GitPipe | undefined;
  readonly #takesBase: boolean;
  #merges = 0;

  private constructor(options: MergeProcessOptions, pipe: GitPipe | undefined, takesBase: boolean) {
    this.#options = options;
    this.#pipe = pipe;
    this.#takesBase = takesBase;
  }

  static async open(options: MergeProcessOptions): Promise<MergeProcess> {
    const { probe } = options;
    const args = [...FLAGS, '--stdin'];
    const pipe = await openAnsweringPipe({
      ...options,
      args,
      question: `${probe} ${probe}\n`,
      reader: mergeReader,
    });
    return new MergeProcess(options, pipe, pipe !== undefined && (await takesBase(pipe, probe)));
  }

  async merge(ours: CommitSha, theirs: CommitSha, base: CommitSha | undefined): Promise<SessionMergeResult> {
    if (base === undefined) return await this.#ask(ours, theirs);
    if (this.#pipe !== undefined && this.#takesBase) {
      return await this.#pipe.ask(`${base} -- ${ours} ${theirs}\n`, mergeReader);
    }
    this.#merges += 1;
    // Writing an object costs more than git needs to walk back over a short history.
    if (this.#merges < SHORT_HISTORY) return await this.#ask(ours, theirs);
    // Its only parent is the base, so the base is what git finds, after one step.
    const standIn = this.#options.commitOf(await this.#options.treeOf(ours), base);
    return await this.#ask(standIn, theirs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pipe?.[Symbol.asyncDispose]();
  }

  async #ask(ours: CommitSha, theirs: CommitSha): Promise<SessionMergeResult> {
    if (this.#pipe !== undefined) return await this.#pipe.ask(`${ours} ${theirs}\n`, mergeReader);
    const { gitDir } = this.#options;
    const result = await runGit({ gitDir, args: [...FLAGS, ours, theirs], accept: [0, 1] });
    const [tree = '', ...stages] = result.stdout.toString('utf8').split('\0');
    // Exit code 1 also means "not something we can merge": only a tree says that a merge took place.
    if (!/^[0-9a-f]{40,64}$/.test(tree)) {
      throw new GitError('GIT_FAILED', `git merge-tree could not merge ${ours} and ${theirs}`, {
        details: { exitCode: result.exitCode, stderrTail: result.stderrTail },
      });
    }
    return parseMerge([result.exitCode === 0 ? '1' : '0', tree, ...stages]);
  }
}

async function takesBase(pipe: GitPipe, probe: CommitSha): Promise<boolean> {
  try {
    return (await pipe.ask(`${probe} -- ${probe} ${probe}\n`, mergeReader)).kind === 'clean';
  } catch (error) {
    if (error instanceof GitError && error.code === 'GIT_FAILED') return false;
    throw error;
  }
}
