import { findRepositoryRoot } from '@agentswarm/git';
import { OrchestratorError } from '../errors.ts';
import { createStateFolder, stateFolderOf, type StateFolder } from './state-folder.ts';

/** A target's place on disk, before anything of it is read. */
export interface TargetLocation {
  readonly root: string;
  readonly isBare: boolean;
  readonly state: StateFolder;
}

/**
 * Finds a target's top level and makes sure its state folder exists.
 *
 * @throws {OrchestratorError} TARGET_NOT_A_REPOSITORY, TARGET_IS_SUBFOLDER.
 */
export async function locateTarget(path: string): Promise<TargetLocation> {
  const found = await findRepositoryRoot({ path });
  if (found.kind === 'none') {
    throw new OrchestratorError('TARGET_NOT_A_REPOSITORY', `${path} is not a git repository`, {
      details: { path },
    });
  }
  if (found.kind === 'subfolder') {
    const message = `${path} is inside the repository ${found.root}, not its top level`;
    throw new OrchestratorError('TARGET_IS_SUBFOLDER', message, { details: { path, root: found.root } });
  }
  const repository = { root: found.root, isBare: found.kind === 'bare' };
  const state = stateFolderOf(repository);
  await createStateFolder(state);
  return { ...repository, state };
}
