import { complaintOf } from '../complaint.ts';
import { GitError } from '../errors.ts';
import { startGit, type RunningGit, type StartRequest } from '../spawn.ts';
import type { AnswerReader, AnswerScan } from './answer-reader.ts';
import { UnreadBytes } from './unread-bytes.ts';

interface Question {
  readonly scan: AnswerScan;
  readonly parse: (answer: Buffer) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: GitError) => void;
}

/**
 * Questions and answers over the pipes of one git process, answered in order. A process that dies takes
 * the questions it was asked with it; the next question starts another one.
 */
export class GitPipe implements AsyncDisposable {
  readonly #name: string;
  readonly #start: Pick<StartRequest, 'command' | 'env'>;
  #process: RunningGit | undefined;
  readonly #questions: Question[] = [];
  readonly #unread = new UnreadBytes();
  #disposed = false;

  constructor(name: string, start: Pick<StartRequest, 'command' | 'env'>) {
    this.#name = name;
    this.#start = start;
  }

  /** @throws {GitError} `GIT_FAILED` when the process dies before it has answered; `GIT_ABORTED` after disposal. */
  async ask<T>(question: string | Uint8Array, { scan, parse }: AnswerReader<T>): Promise<T> {
    if (this.#disposed) throw new GitError('GIT_ABORTED', `${this.#name} is closed`);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const process = (this.#process ??= this.#run());
    this.#questions.push({ scan: scan(), parse, resolve, reject });
    process.write(question);
    // What `parse` gave is what the question is resolved with.
    return (await promise) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#process?.[Symbol.asyncDispose]();
  }

  /** Ends the process at once; the next question starts another. */
  async restart(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }

  #run(): RunningGit {
    const process: RunningGit = startGit({
      ...this.#start,
      onOutput: (chunk) => {
        if (this.#process === process) this.#hear(chunk);
      },
    });
    process.ended
      .then(({ exitCode, stderrTail }) => this.#lost(process, { exitCode, stderrTail }))
      .catch((error: unknown) => this.#lost(process, { cause: error }));
    return process;
  }

  #hear(chunk: Buffer): void {
    this.#unread.add(chunk);
    for (let [first] = this.#questions; first !== undefined; [first] = this.#questions) {
      const { bytes } = this.#unread;
      const length = first.scan(bytes);
      if (length === undefined) return;
      this.#questions.shift();
      first.resolve(first.parse(bytes.subarray(0, length)));
      this.#unread.drop(length);
    }
    // Nobody asked for what is left.
    this.#unread.clear();
  }

  #lost(
    process: RunningGit,
    how: { readonly exitCode?: number | null; readonly stderrTail?: string; readonly cause?: unknown },
  ): void {
    if (this.#process !== process) return;
    this.#process = undefined;
    this.#unread.clear();
    const { exitCode = null, stderrTail = '', cause } = how;
    const why = complaintOf(stderrTail);
    for (const { reject } of this.#questions.splice(0)) {
      const code = this.#disposed ? 'GIT_ABORTED' : 'GIT_FAILED';
      reject(new GitError(code, `${this.#name} ended: ${why}`, { details: { exitCode, stderrTail }, cause }));
    }
  }
}
