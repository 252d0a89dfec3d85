import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitSha, Logger } from '@agentswarm/core';
import { z } from 'zod';
import { errnoOf } from '../errors.ts';
import type { HostGit } from '../commits/host-git.ts';

const PinSchema = z.strictObject({ repository: z.string() });

/**
 * Refs in the repositories that checkouts borrow from, so that no gc or prune removes what a living one
 * reads. Nothing else of those repositories is changed.
 */
export interface Pins {
  /** Pins a commit for a borrower, in place of the one before. A repository that cannot be written is left as it is. */
  set(borrower: string, pinned: { readonly repository: string; readonly commit: CommitSha }): Promise<void>;
  /** Takes back what was pinned for a borrower, by this process or another. */
  remove(borrower: string): Promise<void>;
}

/** Many sandboxes may begin and end at once. */
const SETTINGS = [
  'core.logAllRefUpdates=false',
  'core.packedRefsTimeout=30000',
  'core.filesRefLockTimeout=30000',
];

/** Keeps in `folder` which repository has a pin of whom. */
export function createPins(options: {
  readonly folder: string;
  readonly git: HostGit;
  readonly logger: Logger;
}): Pins {
  const { folder, git, logger } = options;
  const noteOf = (borrower: string) => join(folder, `${borrower}.json`);
  const updateRef = (repository: string, args: readonly string[]) =>
    git.try([
      ...['-C', repository, ...SETTINGS.flatMap((setting) => ['-c', setting])],
      ...['update-ref', '--no-deref', ...args],
    ]);
  return {
    set: async (borrower, { repository, commit }) => {
      await mkdir(folder, { recursive: true });
      // Before the ref, so that no ref is forgotten.
      await writeFile(noteOf(borrower), JSON.stringify({ repository }));
      const pinned = await updateRef(repository, [refOf(borrower), commit]);
      if (pinned.ok) return;
      logger.warn(
        { repository, commit, error: pinned.failure },
        'a commit could not be pinned: the sandbox breaks if the repository drops it meanwhile',
      );
    },
    remove: async (borrower) => {
      const repository = await readNote(noteOf(borrower));
      if (repository === undefined) return;
      const removed = await updateRef(repository, ['-d', refOf(borrower)]);
      if (!removed.ok) {
        logger.warn(
          { repository, ref: refOf(borrower), error: removed.failure },
          'a pin could not be removed',
        );
      }
      await rm(noteOf(borrower), { force: true });
    },
  };
}

function refOf(borrower: string): string {
  return `refs/agentswarm/borrowed/${borrower}`;
}

async function readNote(file: string): Promise<string | undefined> {
  try {
    return PinSchema.parse(JSON.parse(await readFile(file, 'utf8'))).repository;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
