import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommitShaSchema, type BranchName, type CommitSha, type Logger, type TaskId } from '@agentswarm/core';
import { headOf, pushToIntake, type Checkout } from './checkout.ts';

/** Keeps the intake up to date while the agent works, so that a lost worker loses nothing. */
export interface Snapshots {
  /** Asks for a snapshot now, or right after the one that is being taken. Returns at once. */
  request(): void;
  /** Resolves when nothing is being taken and nothing is asked for. Never rejects. */
  settled(): Promise<void>;
}

/**
 * Snapshots are commits that only the intake sees: they are made through an index of their own, so
 * neither the agent's index nor its branch ever changes under it, and they never become history.
 */
export function createSnapshots(options: {
  readonly checkout: Checkout;
  readonly intake: string;
  readonly branch: BranchName;
  readonly taskId: TaskId;
  readonly base: CommitSha;
  readonly logger: Logger;
  readonly onPushed: (commit: CommitSha) => void;
}): Snapshots {
  let lastState = '';
  let wanted = false;
  let running: Promise<void> | undefined;

  const takeOne = async () => {
    const { checkout, intake, branch } = options;
    const head = await headOf(checkout);
    const tree = await writeWorkTree(checkout);
    const state = `${head} ${tree}`;
    const headTree = await checkout.git(['rev-parse', '--verify', `${head}^{tree}`]);
    if (state === lastState || (head === options.base && tree === headTree)) return;
    const commit =
      tree === headTree ? head : await commitTree(checkout, { tree, head, taskId: options.taskId });
    await pushToIntake(checkout, { intake, branch, commit });
    lastState = state;
    options.onPushed(commit);
  };

  const drain = async () => {
    while (wanted) {
      wanted = false;
      try {
        await takeOne();
      } catch (error) {
        options.logger.warn(
          { error: String(error) },
          'snapshot of the work failed; the next one will include it',
        );
      }
    }
    running = undefined;
  };

  return {
    request() {
      wanted = true;
      running ??= drain();
    },
    settled: () => running ?? Promise.resolve(),
  };
}

async function writeWorkTree(checkout: Checkout): Promise<string> {
  const gitDir = await checkout.git(['rev-parse', '--absolute-git-dir']);
  const index = join(gitDir, 'agentswarm-snapshot-index');
  try {
    await copyFile(join(gitDir, 'index'), index);
  } catch (cause) {
    // A checkout without an index yet: the snapshot then starts from an empty one.
    if (!isMissingFile(cause)) throw cause;
  }
  const env = { GIT_INDEX_FILE: index };
  await checkout.git(['add', '--all'], env);
  return checkout.git(['write-tree'], env);
}

function isMissingFile(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

async function commitTree(
  checkout: Checkout,
  state: { readonly tree: string; readonly head: CommitSha; readonly taskId: TaskId },
): Promise<CommitSha> {
  const message = `${state.taskId}: work in progress`;
  return CommitShaSchema.parse(
    await checkout.git(['commit-tree', state.tree, '-p', state.head, '-m', message]),
  );
}
