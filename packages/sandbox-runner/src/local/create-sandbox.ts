import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxSpec } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import { openNetwork, planNetwork, type NetworkPlan } from '../network/sandbox-network.ts';
import type { Places, SandboxSetting } from './confinement.ts';
import { SANDBOX_GIT_CONFIG } from '../commits/sandbox-git.ts';
import { readObjectSource, type ObjectSource } from '../commits/git-checkout.ts';
import { parseWorkdir, requireWorkdir } from '../commits/start-folder.ts';
import { SCRATCH_FOLDERS } from '../dependencies/layer-format.ts';
import { linkLayer } from './link-layer.ts';
import type { LocalSandbox } from './local-sandbox.ts';
import type { Pins } from './pins.ts';
import { prepareWorkdir, type WorkdirContext } from './prepare-workdir.ts';
import { removeTree } from '../transfer/remove-tree.ts';
import { openSandbox, recordMade, type OpenContext } from './open-sandbox.ts';

type SourcedSpec = SandboxSpec & Required<Pick<SandboxSpec, 'source'>>;

export interface CreateContext extends WorkdirContext, OpenContext {
  readonly pins: Pins;
  /** Program that `node` names inside. */
  readonly nodePath: string;
  /** Gives the folder with the dependencies a commit pins; undefined when it pins none. */
  readonly layerFor: (spec: SourcedSpec, signal?: AbortSignal) => Promise<string | undefined>;
  /** Gives back what a sandbox borrowed, and hears when nothing of it is left. */
  readonly onRemoved: (id: string) => Promise<void>;
}

/** Makes a sandbox, or leaves nothing behind. */
export async function createSandbox(
  context: CreateContext,
  spec: SandboxSpec,
  options: { readonly id: string; readonly signal?: AbortSignal },
): Promise<LocalSandbox> {
  const { id, signal } = options;
  const { records } = context;
  requireHostImage(spec);
  const plan = planNetwork(spec, context.network.settings);
  const folder = records.folderOf(id);
  const remove = async () => {
    await removeTree(folder);
    await context.onRemoved(id);
    await records.remove(id);
  };
  try {
    const handle = await records.write(id, spec.labels);
    const places = await makeFolders(context, folder);
    signal?.throwIfAborted();
    return await fill(context, spec, {
      id,
      handle,
      folder,
      places,
      plan,
      remove,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @throws {SandboxError} SANDBOX_UNSUPPORTED */
function requireHostImage({ image = 'host' }: SandboxSpec): void {
  if (image === 'host') return;
  throw new SandboxError(
    'SANDBOX_UNSUPPORTED',
    `local sandboxes run on this machine, not on the image ${image}`,
    {
      details: { image },
    },
  );
}

interface Fresh {
  readonly id: string;
  /** Of its owner. */
  readonly handle: string;
  readonly folder: string;
  readonly places: Places;
  readonly plan: NetworkPlan;
  readonly remove: () => Promise<void>;
  readonly signal?: AbortSignal;
}

async function fill(context: CreateContext, spec: SandboxSpec, fresh: Fresh): Promise<LocalSandbox> {
  const { logger } = context;
  const { id, places, signal } = fresh;
  const made = await addSource(context, spec, fresh);
  signal?.throwIfAborted();
  await using opened = new AsyncDisposableStack();
  const network = opened.use(
    await openNetwork({ ...context.network, logger: logger.child({ sandbox: id }) }, fresh.plan),
  );
  const setting: SandboxSetting = {
    id,
    places,
    network,
    bounds: context.limits.boundsFor(spec.limits),
    ...made.setting,
  };
  await recordMade(context, spec, setting);
  // From here on it is ended with the handle.
  opened.move();
  return openSandbox(context, { ...fresh, spec, setting, source: made.source });
}

interface Made {
  readonly source?: ObjectSource;
  readonly setting: Pick<SandboxSetting, 'borrowed' | 'startIn' | 'overlay' | 'layer'>;
}

/** Fills work directory and intake from the source, where there is one. */
async function addSource(context: CreateContext, spec: SandboxSpec, fresh: Fresh): Promise<Made> {
  const { confinement, git, pins } = context;
  const workdir = parseWorkdir(spec);
  if (spec.source === undefined) return { setting: { borrowed: [] } };
  const sourced = { ...spec, source: spec.source };
  // Pinned before anything is borrowed.
  const [source] = await Promise.all([
    readObjectSource(git, spec.source.repository),
    pins.set(fresh.id, spec.source),
    requireWorkdir(git, spec.source, workdir),
  ]);
  const overlay = await prepareWorkdir(context, sourced, { ...fresh, source });
  const layer = await addDependencies(context, sourced, fresh);
  return {
    source,
    setting: {
      borrowed: source.objects,
      ...(workdir === undefined ? {} : { startIn: `${fresh.places.workdir.inside}/${workdir}` }),
      ...(overlay === undefined ? {} : { overlay }),
      ...(layer !== undefined && confinement.mountsLayers ? { layer } : {}),
    },
  };
}

async function makeFolders(context: CreateContext, folder: string): Promise<Places> {
  const places = context.confinement.places(folder);
  await mkdir(folder, { mode: 0o700 });
  for (const place of Object.values(places)) await mkdir(place.host);
  for (const name of SCRATCH_FOLDERS) await mkdir(join(places.scratch.host, name));
  await writeFile(join(places.home.host, '.gitconfig'), SANDBOX_GIT_CONFIG);
  await symlink(context.nodePath, join(places.bin.host, 'node'));
  return places;
}

/** Puts the dependencies a commit pins into a work directory; gives their folder. */
async function addDependencies(
  context: CreateContext,
  spec: SourcedSpec,
  { places, signal }: Fresh,
): Promise<string | undefined> {
  if (spec.dependencies !== true) return undefined;
  const layer = await context.layerFor(spec, signal);
  if (layer === undefined) return undefined;
  const point = join(places.workdir.host, 'node_modules');
  if (context.confinement.mountsLayers) await mkdir(point, { recursive: true });
  else await linkLayer(join(layer, 'node_modules'), point);
  return layer;
}
