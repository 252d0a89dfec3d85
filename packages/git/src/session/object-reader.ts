import type { CommitSha } from '@agentswarm/core';
import { GitError } from '../errors.ts';
import { hardenedArgs, localEnvironment } from '../hardening.ts';
import { parseSha } from '../refs.ts';
import { GitPipe, type ReadAnswer } from './git-pipe.ts';
import { after, NEWLINE } from './read-fields.ts';

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

export interface ObjectInfo {
  readonly object: CommitSha;
  readonly type: ObjectType;
  readonly bytes: number;
}

export interface StoredObject extends ObjectInfo {
  readonly content: Buffer;
}

/** Reads objects through two `git cat-file` processes: one that tells about them, one that gives them. */
export class ObjectReader implements AsyncDisposable {
  readonly #check: GitPipe;
  readonly #contents: GitPipe;

  constructor(gitDir: string) {
    const start = (mode: string) => ({
      command: ['git', `--git-dir=${gitDir}`, ...hardenedArgs(), 'cat-file', mode] as const satisfies [
        string,
        ...string[],
      ],
      env: localEnvironment(),
    });
    this.#check = new GitPipe('git cat-file', start('--batch-check'));
    this.#contents = new GitPipe('git cat-file', start('--batch'));
  }

  /** Type and size of what a name stands for; undefined when there is none. */
  async info(name: string): Promise<ObjectInfo | undefined> {
    return await this.#check.ask(`${oneLine(name)}\n`, readInfo);
  }

  /** An object with its content; undefined when it does not exist. */
  async read(name: string): Promise<StoredObject | undefined> {
    return await this.#contents.ask(`${oneLine(name)}\n`, readObject);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#check[Symbol.asyncDispose](), this.#contents[Symbol.asyncDispose]()]);
  }
}

function oneLine(name: string): string {
  if (!/[\n\0]/.test(name) && name !== '') return name;
  throw new GitError('GIT_BAD_ARGUMENT', `not a name of an object: ${JSON.stringify(name)}`);
}

const readInfo: ReadAnswer<ObjectInfo | undefined> = (buffer) => {
  const end = after(buffer, NEWLINE, 0);
  if (end === undefined) return undefined;
  return { value: parseInfo(buffer.subarray(0, end - 1).toString('utf8')), bytes: end };
};

const readObject: ReadAnswer<StoredObject | undefined> = (buffer) => {
  const head = readInfo(buffer);
  if (head === undefined || head.value === undefined) return head as undefined;
  const end = head.bytes + head.value.bytes;
  if (buffer.length <= end) return undefined;
  // A copy: the buffer around it may be large and lives as long as any part of it.
  const content = Buffer.from(buffer.subarray(head.bytes, end));
  return { value: { ...head.value, content }, bytes: end + 1 };
};

function parseInfo(line: string): ObjectInfo | undefined {
  const match = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(line);
  if (match === null) return undefined;
  const [, object = '', type = '', bytes = ''] = match;
  return { object: parseSha(object), type: type as ObjectType, bytes: Number(bytes) };
}
