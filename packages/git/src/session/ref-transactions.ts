import { GitError } from '../errors.ts';
import { hardenedArgs, localEnvironment } from '../hardening.ts';
import type { UpdateRefResult } from '../refs.ts';
import { safeArgument } from '../run-git.ts';
import type { AnswerReader } from './answer-reader.ts';
import { GitPipe } from './git-pipe.ts';
import type { RefChange } from './git-session.ts';

/** Changes refs through one `git update-ref` process. */
export class RefTransactions implements AsyncDisposable {
  readonly #pipe: GitPipe;
  readonly #resolve: (ref: string) => Promise<RefChange['new']>;

  /** `resolve` tells where a ref points now, null for nowhere. */
  constructor(gitDir: string, resolve: (ref: string) => Promise<RefChange['new']>) {
    const command = ['git', `--git-dir=${gitDir}`, ...hardenedArgs(), 'update-ref', '--stdin', '-z'] as const;
    this.#pipe = new GitPipe('git update-ref', { command, env: localEnvironment() });
    this.#resolve = resolve;
  }

  async change(changes: readonly RefChange[]): Promise<UpdateRefResult> {
    const lines = ['start\0', ...changes.map(instruction), 'prepare\0', 'commit\0'];
    try {
      await this.#pipe.ask(lines.join(''), committed);
      return { kind: 'updated' };
    } catch (error) {
      if (!(error instanceof GitError) || error.code !== 'GIT_FAILED') throw error;
      for (const { ref, old } of changes) {
        const actual = await this.#resolve(ref);
        if (actual !== old) return { kind: 'moved', actual: actual ?? undefined };
      }
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pipe[Symbol.asyncDispose]();
  }
}

function instruction({ ref, old, new: next }: RefChange): string {
  const name = safeArgument(ref, 'ref');
  if (next === null) return old === null ? `verify ${name}\0\0` : `delete ${name}\0${old}\0`;
  return old === next
    ? `verify ${name}\0${old}\0`
    : `update ${name}\0${next}\0${old ?? '0'.repeat(next.length)}\0`;
}

/** Each of the three steps is answered with a line; the last one says that it is done. */
const COMMITTED = 'commit: ok\n';
const committed: AnswerReader<true> = {
  scan: () => (buffer) => {
    const end = buffer.indexOf(COMMITTED);
    return end === -1 ? undefined : end + COMMITTED.length;
  },
  parse: () => true,
};
