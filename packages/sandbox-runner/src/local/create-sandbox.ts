import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger, SandboxSpec } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import type { LimitKeeper } from '../limits/limit-keeper.ts';
import type { RegistryAccess } from '../registries/registry-access.ts';
import type { Confinement, Places, SandboxSetting } from './confinement.ts';
import { checkOut, createIntake, readObjectSource, startBranch, writeAlternates } from './git-checkout.ts';
import type { HostGit, ObjectSource } from './git-checkout.ts';
import { collectFromIntake } from './intake.ts';
import type { HeldTree, KeptTrees } from './kept-trees.ts';
import { SCRATCH_FOLDERS } from './layer-format.ts';
import { linkLayer } from './link-layer.ts';
import { LocalSandbox } from './local-sandbox.ts';
import type { Overlay } from './overlay.ts';
import { removeTree } from './remove-tree.ts';
import type { SandboxRecords } from './sandbox-record.ts';

/** Commits made without a configured author are still attributed to somebody. */
const GIT_CONFIG = `[user]
\tname = AgentSwarm worker
\temail = worker@agentswarm.invalid
[safe]
\tdirectory = *
[gc]
\tauto = 0
[init]
\tdefaultBranch = main
`;

export interface CreateContext {
  readonly confinement: Confinement;
  readonly records: SandboxRecords;
  readonly git: HostGit;
  /** Program that `node` names inside. */
  readonly nodePath: string;
  /** Gives the folder with the dependencies a commit pins; undefined when it pins none. */
  readonly layerFor: (
    spec: SandboxSpec & Required<Pick<SandboxSpec, 'source'>>,
    signal?: AbortSignal,
  ) => Promise<string | undefined>;
  /** Holds a kept tree, where they can be shown. */
  readonly holdTree: KeptTrees['hold'] | undefined;
  /** Opens the way to package registries. */
  readonly openRegistries: () => Promise<RegistryAccess>;
  readonly limits: LimitKeeper;
  /** Hears when nothing of a sandbox is left. */
  readonly onRemoved: (id: string) => void;
  readonly logger: Logger;
}

/** Makes a sandbox, or leaves nothing behind. */
export async function createSandbox(
  context: CreateContext,
  spec: SandboxSpec,
  options: { readonly id: string; readonly signal?: AbortSignal },
): Promise<LocalSandbox> {
  const { id, signal } = options;
  const { records } = context;
  requireGateway(spec);
  const folder = records.folderOf(id);
  const held: { tree?: HeldTree } = {};
  const remove = async () => {
    await removeTree(folder);
    await records.remove(id);
    held.tree?.release();
    delete held.tree;
    context.onRemoved(id);
  };
  try {
    await records.write(id, spec.labels);
    const places = await makeFolders(context, folder);
    signal?.throwIfAborted();
    return await fill(context, spec, {
      id,
      folder,
      places,
      held,
      remove,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

interface Fresh {
  readonly id: string;
  readonly folder: string;
  readonly places: Places;
  /** Given back by `remove`. */
  readonly held: { tree?: HeldTree };
  readonly remove: () => Promise<void>;
  readonly signal?: AbortSignal;
}

async function fill(context: CreateContext, spec: SandboxSpec, fresh: Fresh): Promise<LocalSandbox> {
  const { confinement, git, logger } = context;
  const { id, places, remove, signal } = fresh;
  const source = spec.source && (await readObjectSource(git, spec.source.repository));
  const layer = await prepareWorkdir(context, spec, { ...fresh, source });
  signal?.throwIfAborted();
  const setting: SandboxSetting = {
    id,
    places,
    network: spec.network ?? 'none',
    bounds: context.limits.boundsFor(spec.limits),
    ...(spec.network === 'gateway' && spec.gatewaySocket !== undefined
      ? { gatewaySocket: spec.gatewaySocket }
      : {}),
    ...(spec.network === 'registries' ? { registries: await context.openRegistries() } : {}),
    borrowed: source?.objects ?? [],
    ...(fresh.held.tree === undefined ? {} : { overlay: overlayIn(fresh, fresh.held.tree) }),
    ...(layer !== undefined && confinement.mountsLayers ? { layer } : {}),
  };
  let collections = 0;
  return new LocalSandbox({
    spec,
    setting,
    confinement,
    folder: fresh.folder,
    watchdog: context.limits,
    logger,
    remove,
    collect: async (target) => {
      if (spec.source === undefined || source === undefined) return undefined;
      const quarantine = join(fresh.folder, `quarantine-${++collections}`);
      const { branch } = spec.source;
      return collectFromIntake(git, { intake: places.intake.host, branch, source, quarantine, ...target });
    },
  });
}

async function makeFolders(context: CreateContext, folder: string): Promise<Places> {
  const places = context.confinement.places(folder);
  await mkdir(folder, { mode: 0o700 });
  for (const place of Object.values(places)) await mkdir(place.host);
  for (const name of SCRATCH_FOLDERS) await mkdir(join(places.scratch.host, name));
  await writeFile(join(places.home.host, '.gitconfig'), GIT_CONFIG);
  await symlink(context.nodePath, join(places.bin.host, 'node'));
  return places;
}

async function prepareWorkdir(
  context: CreateContext,
  spec: SandboxSpec,
  fresh: Fresh & { readonly source: ObjectSource | undefined },
): Promise<string | undefined> {
  if (spec.source === undefined || fresh.source === undefined) return undefined;
  const { confinement, git } = context;
  const { places, source, signal } = fresh;
  const { commit, branch } = spec.source;
  const workdir = places.workdir.host;
  const aborted = signal === undefined ? {} : { signal };
  if (spec.checkout === 'overlay' && context.holdTree !== undefined) {
    fresh.held.tree = await context.holdTree({ source, commit, labels: spec.labels, ...aborted });
    const overlay = overlayIn(fresh, fresh.held.tree);
    for (const folder of [overlay.work, overlay.merged]) await mkdir(folder);
    await startBranch(workdir, branch, commit);
  } else {
    await checkOut(git, { source, folder: workdir, commit, branch, ...aborted });
  }
  await createIntake(git, places.intake.host, source);
  const borrowed = source.objects.map((objects, index) => confinement.borrowedPath(objects, index));
  await writeAlternates(join(workdir, '.git'), borrowed);
  await writeAlternates(places.intake.host, borrowed);
  if (spec.dependencies !== true) return undefined;
  const layer = await context.layerFor({ ...spec, source: spec.source }, signal);
  if (layer === undefined) return undefined;
  if (confinement.mountsLayers) await mkdir(join(workdir, 'node_modules'), { recursive: true });
  else await linkLayer(join(layer, 'node_modules'), join(workdir, 'node_modules'));
  return layer;
}

/** The changes go to the folder of the work directory. */
function overlayIn(
  { folder, places }: Pick<Fresh, 'folder' | 'places'>,
  { folder: lower }: HeldTree,
): Overlay {
  return { lower, upper: places.workdir.host, work: join(folder, 'work'), merged: join(folder, 'merged') };
}

function requireGateway(spec: SandboxSpec): void {
  if (spec.network !== 'gateway' || spec.gatewaySocket !== undefined) return;
  throw new SandboxError('SANDBOX_SETUP_FAILED', 'network gateway needs the path of the gateway socket');
}
