import { GitError } from '../errors.ts';
import { hardenedArgs, localEnvironment } from '../hardening.ts';
import type { AnswerReader } from './answer-reader.ts';
import { GitPipe } from './git-pipe.ts';

/** How long a process gets to answer the first question, which is a trivial one. */
const PROBE_MS = 2000;

export interface ProbeOptions<T> {
  readonly gitDir: string;
  /** What the version promises; tried first. */
  readonly answersAtOnce: boolean;
  readonly args: readonly string[];
  readonly question: string;
  readonly reader: AnswerReader<T>;
}

/**
 * Opens a pipe to a git that answers each question when it is asked. Git before 2.49 keeps answers back
 * until its buffer is full or its input ends; `stdbuf` of coreutils cures it where it works. Which way
 * works is found out by asking. Undefined when none does.
 */
export async function openAnsweringPipe<T>(options: ProbeOptions<T>): Promise<GitPipe | undefined> {
  const git = ['git', `--git-dir=${options.gitDir}`, ...hardenedArgs(), ...options.args] as const;
  const unbuffered = ['stdbuf', '-o0', ...git] as const;
  for (const command of options.answersAtOnce ? [git, unbuffered] : [unbuffered, git]) {
    const pipe = new GitPipe(`git ${options.args[0]}`, { command, env: localEnvironment() });
    if (await answers(pipe, options)) return pipe;
    await pipe[Symbol.asyncDispose]();
  }
  return undefined;
}

async function answers<T>(pipe: GitPipe, { question, reader }: ProbeOptions<T>): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), PROBE_MS);
  const answer = pipe.ask(question, reader).then(
    () => true,
    (error: unknown) => {
      if (error instanceof GitError) return false;
      throw error;
    },
  );
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
