import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { BranchNameSchema, CommitShaSchema } from '@agentswarm/core';
import { createMergeQueue, noGate } from '@agentswarm/merge-queue';
import { gitIn } from './git-in.ts';

/** What an arm is given: a bare store with the branches, a bare remote with `main`, and the heads in order. */
export interface ArmInput {
  readonly store: string;
  readonly remote: string;
  readonly work: string;
  readonly heads: readonly string[];
}

/** Lands the heads on the remote's main; gives how many landed. */
export type Arm = (input: ArmInput) => Promise<number> | number;

const MESSAGE = 'Merge\n';

/** The raw limit: one merge-tree process, commits written in this one, each merged with the next, one push. */
async function raw({ store, remote, heads }: ArmInput): Promise<number> {
  const git = ['git', '--git-dir', store, 'merge-tree', '--write-tree', '--stdin', '-z', '--no-messages'];
  const child = spawn('stdbuf', ['-o0', ...git], { stdio: ['pipe', 'pipe', 'inherit'] });
  let buffer = Buffer.alloc(0);
  let wake = Promise.withResolvers<undefined>();
  child.stdout.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    wake.resolve(undefined);
  });
  const answer = async (): Promise<readonly string[]> => {
    for (;;) {
      const fields = buffer.toString('utf8').split('\0');
      const end = fields.indexOf('', 2);
      if (end !== -1 && end < fields.length - 1) {
        buffer = buffer.subarray(Buffer.byteLength(fields.slice(0, end + 1).join('\0')) + 1);
        return fields.slice(0, end);
      }
      await wake.promise;
      wake = Promise.withResolvers();
    }
  };
  let onto = gitIn(store, 'rev-parse', 'main');
  let landed = 0;
  for (const head of heads) {
    child.stdin.write(`${onto} ${head}\n`);
    const [status, tree = ''] = await answer();
    if (status !== '1') continue;
    onto = writeCommit(store, tree, [onto, head]);
    landed += 1;
  }
  child.stdin.end();
  gitIn(store, 'push', '-q', remote, `${onto}:refs/heads/main`);
  return landed;
}

function writeCommit(store: string, tree: string, parents: readonly string[]): string {
  const person = 'Bench <bench@example.invalid> 1700000000 +0000';
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${person}`,
    `committer ${person}`,
    '',
    MESSAGE,
  ];
  const body = Buffer.from(lines.join('\n'));
  const content = Buffer.concat([Buffer.from(`commit ${body.length}\0`), body]);
  const name = createHash('sha1').update(content).digest('hex');
  const folder = join(store, 'objects', name.slice(0, 2));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name.slice(2)), deflateSync(content, { level: 1 }));
  return name;
}

/** Three processes a merge: merge-tree, commit-tree, update-ref; one push. */
function plumbing({ store, remote, heads }: ArmInput): number {
  let landed = 0;
  for (const head of heads) {
    const onto = gitIn(store, 'rev-parse', 'main');
    const merged = spawnSync('git', ['merge-tree', '--write-tree', '--no-messages', onto, head], {
      cwd: store,
      encoding: 'utf8',
    });
    if (merged.status !== 0) continue;
    const commit = gitIn(store, 'commit-tree', merged.stdout.trim(), '-p', onto, '-p', head, '-m', 'Merge');
    gitIn(store, 'update-ref', 'refs/heads/main', commit, onto);
    landed += 1;
  }
  gitIn(store, 'push', '-q', remote, 'main');
  return landed;
}

/** The naive queue: a checkout in which every branch is rebased on main, merged and pushed. */
function checkout({ store, remote, work, heads }: ArmInput): number {
  gitIn(work, 'clone', '-q', '--shared', store, 'tree');
  const tree = join(work, 'tree');
  let landed = 0;
  for (const head of heads) {
    gitIn(tree, 'checkout', '-q', '-B', 'candidate', head);
    const rebased = spawnSync(
      'git',
      ['-c', 'user.name=Bench', '-c', 'user.email=b@example.invalid', 'rebase', '-q', 'main'],
      { cwd: tree },
    );
    if (rebased.status !== 0) {
      gitIn(tree, 'rebase', '--abort');
      continue;
    }
    gitIn(tree, 'checkout', '-q', 'main');
    gitIn(tree, 'merge', '-q', '--ff-only', 'candidate');
    gitIn(tree, 'push', '-q', remote, 'main');
    landed += 1;
  }
  return landed;
}

function queue(maxBatch: number): Arm {
  return async ({ store, remote, heads }) => {
    await using merges = await createMergeQueue({
      repository: store,
      remote,
      target: BranchNameSchema.parse('main'),
      gate: noGate(),
      guards: false,
      maxBatch,
      slots: 1,
    });
    for (const [index, head] of heads.entries()) {
      const branch = BranchNameSchema.parse(`bench/${index}`);
      merges.enqueue({ ticket: branch, branch, head: CommitShaSchema.parse(head), priority: 5 });
    }
    await merges.drain();
    await merges.stop();
    let landed = 0;
    for await (const { type } of merges.events()) landed += type === 'branch_landed' ? 1 : 0;
    return landed;
  };
}

export const ARMS = {
  raw,
  plumbing,
  checkout,
  'queue, a push each': queue(1),
  'queue, batched': queue(4096),
} as const satisfies Readonly<Record<string, Arm>>;

export type ArmName = keyof typeof ARMS;
