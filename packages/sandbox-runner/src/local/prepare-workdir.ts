import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxSpec } from '@agentswarm/core';
import type { Confinement, Places } from './confinement.ts';
import {
  checkOut,
  createIntake,
  moveBetween,
  startBranch,
  writeAlternates,
  type ObjectSource,
} from '../commits/git-checkout.ts';
import type { HostGit } from '../commits/host-git.ts';
import type { IsBigTree } from './big-tree.ts';
import type { HeldTree, KeptTrees } from './kept-trees.ts';
import type { Overlay } from './overlay.ts';

/** What work directories are made with. */
export interface WorkdirContext {
  readonly confinement: Confinement;
  /** Looks at repositories. */
  readonly git: HostGit;
  /** Writes checkouts, their files being owned as they will be seen inside; in an overlay where one is given. */
  readonly checkoutGit: (overlay?: Overlay) => HostGit;
  readonly isBigTree: IsBigTree;
  /** Holds a kept tree, where they can be shown. */
  readonly holdTree: KeptTrees['hold'] | undefined;
}

export interface WorkdirRequest {
  readonly id: string;
  /** Of the sandbox, with room for what an overlay needs. */
  readonly folder: string;
  readonly places: Places;
  readonly source: ObjectSource;
  readonly signal?: AbortSignal;
}

type SourcedSpec = SandboxSpec & Required<Pick<SandboxSpec, 'source'>>;

/** Makes work directory and intake of a sandbox; gives the overlay where the work directory is one. */
export async function prepareWorkdir(
  context: WorkdirContext,
  spec: SourcedSpec,
  request: WorkdirRequest,
): Promise<Overlay | undefined> {
  const { confinement, git } = context;
  const { places, source, signal } = request;
  const { commit, branch } = spec.source;
  const aborted = signal === undefined ? {} : { signal };
  const overlay = await holdOverlay(context, spec, request);
  if (overlay === undefined) {
    const folder = places.workdir.host;
    await checkOut(context.checkoutGit(), { source, folder, commit, branch, ...aborted });
  } else {
    for (const folder of [overlay.work, overlay.merged]) await mkdir(folder);
    await startBranch(overlay.upper, branch, commit);
    // What differs from the commit of the kept tree becomes part of the changes.
    const move = { from: overlay.commit, to: commit, ...aborted };
    if (overlay.commit !== commit) await moveBetween(context.checkoutGit(overlay), overlay.merged, move);
  }
  await createIntake(git, places.intake.host, source);
  const borrowed = source.objects.map((objects, index) => confinement.borrowedPath(objects, index));
  await writeAlternates(join(places.workdir.host, '.git'), borrowed);
  await writeAlternates(places.intake.host, borrowed);
  return overlay;
}

/** Decides between an overlay and a checkout of its own. */
async function holdOverlay(
  { holdTree, isBigTree }: WorkdirContext,
  spec: SourcedSpec,
  { id, folder, places, source, signal }: WorkdirRequest,
): Promise<(Overlay & Pick<HeldTree, 'commit'>) | undefined> {
  const { checkout = 'auto', labels } = spec;
  const { repository, commit } = spec.source;
  const aborted = signal === undefined ? {} : { signal };
  if (holdTree === undefined || checkout === 'own') return undefined;
  if (checkout === 'auto' && !(await isBigTree(repository, commit, aborted))) return undefined;
  const tree = await holdTree({ user: id, repository, source, commit, labels, ...aborted });
  return {
    lower: tree.folder,
    upper: places.workdir.host,
    work: join(folder, 'work'),
    merged: join(folder, 'merged'),
    commit: tree.commit,
  };
}
