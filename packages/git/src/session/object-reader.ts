import type { CommitSha } from '@agentswarm/core';
import { GitError } from '../errors.ts';
import { hardenedArgs, localEnvironment } from '../hardening.ts';
import { parseSha } from '../refs.ts';
import { after, NEWLINE, type AnswerReader, type AnswerScan } from './answer-reader.ts';
import { GitPipe } from './git-pipe.ts';

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

export interface ObjectInfo {
  readonly object: CommitSha;
  readonly type: ObjectType;
  readonly bytes: number;
}

export interface StoredObject extends ObjectInfo {
  readonly content: Buffer;
}

/** Names asked about in one go: enough that a turn of the pipe costs nothing, and few at any size of a list. */
const NAMES_AT_ONCE = 512;

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
    return await this.#check.ask(`${oneLine(name)}\n`, infoReader);
  }

  /** The same for many names, in their order. */
  async infos(names: readonly string[]): Promise<readonly (ObjectInfo | undefined)[]> {
    const infos: (ObjectInfo | undefined)[] = [];
    for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
      const group = names.slice(at, at + NAMES_AT_ONCE);
      const question = group.map((name) => `${oneLine(name)}\n`).join('');
      infos.push(...(await this.#check.ask(question, infosReader(group.length))));
    }
    return infos;
  }

  /** An object with its content; undefined when it does not exist. */
  async read(name: string): Promise<StoredObject | undefined> {
    return await this.#contents.ask(`${oneLine(name)}\n`, objectReader);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#check[Symbol.asyncDispose](), this.#contents[Symbol.asyncDispose]()]);
  }
}

function oneLine(name: string): string {
  if (!/[\n\0]/.test(name) && name !== '') return name;
  throw new GitError('GIT_BAD_ARGUMENT', `not a name of an object: ${JSON.stringify(name)}`);
}

function scanLine(): AnswerScan {
  return (buffer) => after(buffer, NEWLINE, 0);
}

const infoReader: AnswerReader<ObjectInfo | undefined> = {
  scan: scanLine,
  parse: (line) => parseInfo(line.toString('utf8', 0, line.length - 1)),
};

/** A line for each name. */
function infosReader(count: number): AnswerReader<readonly (ObjectInfo | undefined)[]> {
  return {
    scan: () => {
      let [lines, at] = [0, 0];
      return (buffer) => {
        for (; lines < count; lines += 1) {
          const end = after(buffer, NEWLINE, at);
          if (end === undefined) return undefined;
          at = end;
        }
        return at;
      };
    },
    parse: (answer) =>
      answer
        .toString('utf8', 0, answer.length - 1)
        .split('\n')
        .map(parseInfo),
  };
}

/** The line, and when there is such an object its content and a newline. */
const objectReader: AnswerReader<StoredObject | undefined> = {
  scan: () => {
    let length: number | undefined;
    return (buffer) => {
      length ??= lengthOfObject(buffer);
      return length === undefined || buffer.length < length ? undefined : length;
    };
  },
  parse: (answer) => {
    const start = after(answer, NEWLINE, 0) ?? 0;
    const info = infoReader.parse(answer.subarray(0, start));
    // A copy: the buffer around it may be large and lives as long as any part of it.
    return info && { ...info, content: Buffer.from(answer.subarray(start, start + info.bytes)) };
  },
};

function lengthOfObject(buffer: Buffer): number | undefined {
  const start = after(buffer, NEWLINE, 0);
  if (start === undefined) return undefined;
  const info = infoReader.parse(buffer.subarray(0, start));
  return info === undefined ? start : start + info.bytes + 1;
}

function parseInfo(line: string): ObjectInfo | undefined {
  const match = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(line);
  if (match === null) return undefined;
  const [, object = '', type = '', bytes = ''] = match;
  return { object: parseSha(object), type: type as ObjectType, bytes: Number(bytes) };
}
