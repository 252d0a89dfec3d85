import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BranchNameSchema,
  CommitShaSchema,
  type CommitSha,
  type EventSink,
  type JournalRecord,
  type QueueEvent,
  type RunEvent,
} from '@agentswarm/core';
import { listTree, readBlob } from '@agentswarm/git';
import type { Gate, GateVerdict, Submission } from '@agentswarm/merge-queue';

export const target = BranchNameSchema.parse('main');

/** Files of a branch: content, or null to delete. */
export type Files = Readonly<Record<string, string | null>>;

/** A bare store with a branch main, and a bare remote with the same main. */
export class LandingFixture implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'queue-test-'));
  readonly store = join(this.root, 'store.git');
  readonly remote = join(this.root, 'remote.git');
  readonly base: CommitSha;

  constructor(files: Files = { 'README.md': 'base\n' }) {
    this.git(this.root, 'init', '-q', '--bare', '-b', 'main', this.store);
    this.git(this.root, 'init', '-q', '--bare', '-b', 'main', this.remote);
    this.base = this.write(this.store, [], files);
    this.git(this.store, 'update-ref', 'refs/heads/main', this.base);
    this.git(this.store, 'push', '-q', this.remote, 'main');
  }

  git(dir: string, ...args: string[]): string {
    return this.#run(dir, args);
  }

  #run(dir: string, args: readonly string[], input = ''): string {
    const identity = { NAME: 'Worker', EMAIL: 'worker@example.org', DATE: '1700000000 +0000' };
    const env = Object.fromEntries(
      Object.entries(identity).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    );
    return execFileSync('git', ['-C', dir, '-c', 'gc.auto=0', '-c', 'receive.autogc=false', ...args], {
      env: { PATH: process.env.PATH, HOME: this.root, GIT_CONFIG_NOSYSTEM: '1', ...env },
      encoding: 'utf8',
      input,
      stdio: ['pipe', 'pipe', 'pipe'],
    }).trim();
  }

  /** A branch whose tree has an entry without a name, which no git makes and none can read. */
  malformedBranch(name: string): Submission {
    const blob = this.#run(this.store, ['hash-object', '-w', '--stdin'], 'x');
    const entry = Buffer.concat([Buffer.from('100644 \0'), Buffer.from(blob, 'hex')]);
    const path = join(this.root, 'malformed-tree');
    writeFileSync(path, entry);
    const tree = this.git(this.store, 'hash-object', '-t', 'tree', '--literally', '-w', path);
    const head = CommitShaSchema.parse(
      this.git(this.store, 'commit-tree', tree, '-p', this.base, '-m', 'malformed'),
    );
    return { ticket: `${name}.1`, branch: BranchNameSchema.parse(`worker/${name}`), head, priority: 5 };
  }

  /** Writes a commit into a repository with fast-import, without a work tree. */
  write(dir: string, parents: readonly string[], files: Files, message = 'change'): CommitSha {
    const changes = Object.entries(files).map(([path, content]) =>
      content === null
        ? `D ${path}\n`
        : `M 100644 inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`,
    );
    return this.#import(dir, parents, { changes: changes.join(''), message });
  }

  #import(
    dir: string,
    parents: readonly string[],
    { changes, message }: { readonly changes: string; readonly message: string },
  ): CommitSha {
    const [first, ...rest] = parents;
    const stream = [
      'commit refs/heads/fixture\nmark :1\n',
      'committer Worker <worker@example.org> 1700000000 +0000\n',
      `data ${Buffer.byteLength(message)}\n${message}\n`,
      first === undefined ? '' : `from ${first}\n`,
      ...rest.map((parent) => `merge ${parent}\n`),
      changes,
      'get-mark :1\n',
    ].join('');
    const commit = CommitShaSchema.parse(
      this.#run(dir, ['fast-import', '--quiet', '--force', '--cat-blob-fd=1'], stream),
    );
    this.git(dir, 'update-ref', '-d', 'refs/heads/fixture');
    return commit;
  }

  /** Writes a commit with changes in the words of fast-import. */
  writeRaw(parents: readonly string[], changes: string): CommitSha {
    return this.#import(this.store, parents, { changes, message: 'raw' });
  }

  /** Name of a blob with this content. */
  blob(content: string): string {
    return this.#run(this.store, ['hash-object', '--stdin'], content);
  }

  /** A submission of a new branch that makes these changes on `from`. */
  branch(name: string, files: Files, options: { from?: CommitSha; priority?: number } = {}): Submission {
    const head = this.write(this.store, [options.from ?? this.base], files, name);
    return {
      ticket: `${name}.1`,
      branch: BranchNameSchema.parse(`worker/${name}`),
      head,
      priority: options.priority ?? 5,
    };
  }

  /** Somebody else pushes a commit to the remote's main. */
  pushOutside(files: Files): CommitSha {
    const commit = this.write(this.remote, [this.main()], files, 'outside');
    this.git(this.remote, 'update-ref', 'refs/heads/main', commit);
    return commit;
  }

  main(dir = this.remote): CommitSha {
    return CommitShaSchema.parse(this.git(dir, 'rev-parse', 'refs/heads/main'));
  }

  files(commit: string = this.main(), dir = this.remote): string[] {
    const out = this.git(dir, 'ls-tree', '-r', '--name-only', commit);
    return out === '' ? [] : out.split('\n');
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A journal in memory; `onAppend` may throw to refuse an event. */
export class MemorySink implements EventSink {
  readonly events: QueueEvent[] = [];
  readonly #onAppend: (event: QueueEvent, index: number) => void;

  constructor(onAppend: (event: QueueEvent, index: number) => void = () => {}) {
    this.#onAppend = onAppend;
  }

  /** Every event but the opening of the queue. */
  get told(): readonly QueueEvent[] {
    return this.events.filter(({ type }) => type !== 'queue_opened');
  }

  append(event: RunEvent): JournalRecord {
    const queued = event as QueueEvent;
    this.#onAppend(queued, this.events.length);
    this.events.push(queued);
    return { seq: this.events.length, atMs: 0, event };
  }

  /** What happened, without the opening of the queue itself. */
  types(): string[] {
    return this.told.map((event) => ('ticket' in event ? `${event.type} ${event.ticket}` : event.type));
  }
}

export function failure(command: string): GateVerdict {
  return { kind: 'fail', failure: { command, exitCode: 1, outputTail: 'red' } };
}

/** A gate that is a function of the file names of the tree. */
export function fileGate(isGreen: (files: ReadonlySet<string>) => boolean): Gate {
  return {
    run: async ({ repository, commit, signal }) => {
      const entries = await listTree({ repository, commit, signal });
      return isGreen(new Set(entries.map(({ path }) => path))) ? { kind: 'pass' } : failure('check files');
    },
  };
}

export async function readText(
  repository: string,
  commit: string,
  path: string,
): Promise<string | undefined> {
  return (await readBlob({ repository, commit, path }))?.toString('utf8');
}
