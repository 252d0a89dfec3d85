import type { CommitSha } from '@agentswarm/core';
import { runGit } from '../run-git.ts';
import type { TreeChange } from './git-session.ts';
import type { GitPipe } from './git-pipe.ts';
import { diffReader, parseDiff } from './parse-changes.ts';
import { openAnsweringPipe } from './probed-pipe.ts';

const FLAGS = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-ext-diff', '--no-textconv'];

export interface DiffProcessOptions {
  readonly gitDir: string;
  readonly answersAtOnce: boolean;
  /** A tree that exists: compared with itself, it marks the end of an answer. */
  readonly marker: CommitSha;
}

/** Compares trees, through one process where git can be asked, else with a process for each pair. */
export class DiffProcess implements AsyncDisposable {
  readonly #options: DiffProcessOptions;
  readonly #pipe: GitPipe | undefined;

  private constructor(options: DiffProcessOptions, pipe: GitPipe | undefined) {
    this.#options = options;
    this.#pipe = pipe;
  }

  static async open(options: DiffProcessOptions): Promise<DiffProcess> {
    const question = questionOf(options.marker, options.marker, options.marker);
    const pipe = await openAnsweringPipe({
      ...options,
      args: [...FLAGS, '--stdin'],
      question,
      reader: diffReader,
    });
    return new DiffProcess(options, pipe);
  }

  async diff(before: CommitSha, after: CommitSha): Promise<readonly TreeChange[]> {
    const { gitDir, marker } = this.#options;
    if (this.#pipe !== undefined) return await this.#pipe.ask(questionOf(before, after, marker), diffReader);
    const { stdout } = await runGit({ gitDir, args: [...FLAGS, before, after] });
    return parseDiff(stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pipe?.[Symbol.asyncDispose]();
  }
}

function questionOf(before: CommitSha, after: CommitSha, marker: CommitSha): string {
  return `${before} ${after}\n${marker} ${marker}\n`;
}
