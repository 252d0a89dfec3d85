import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger, SandboxSpec } from '@agentswarm/core';
import { SandboxError } from '../../errors.ts';
import {
  layerKey,
  readDependencyInputs,
  type DependencyInputs,
} from '../../dependencies/dependency-inputs.ts';
import type { RunInside } from '../../inside/inside-command.ts';
import { planInstaller, type InstallPlace } from '../../dependencies/install-dependencies.ts';
import { untilAborted } from '../../process/until-aborted.ts';
import type { ModalImage } from '../modal-backend-options.ts';
import { fillVolume, hasLayer } from './fill-volume.ts';
import { nameLayerVolume, type LayerVolume } from './layer-volume.ts';
import { unpackLayer } from './unpack-layer.ts';

export interface RemoteLayersOptions {
  /** Absolute folder for the names of the layers that this machine knows to be complete, in one account. */
  readonly folder: string;
  /** Registry and certificate settings. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes an empty sandbox to install in, with the volume mounted writable. */
  readonly installer: (spec: SandboxSpec, volume: LayerVolume) => Promise<InstallPlace & AsyncDisposable>;
  readonly logger: Logger;
}

type SourcedSpec = SandboxSpec & Required<Pick<SandboxSpec, 'source'>>;

/** The dependencies of one sandbox. */
export interface LayerPlan {
  /** To be mounted by the sandbox, read-only. */
  readonly volume: LayerVolume & { readonly readOnly: true };
  /** Fills the volume, unless that was done before. Contract: awaited before the sandbox is made. @throws DEPENDENCIES_FAILED */
  ready(signal?: AbortSignal): Promise<void>;
  /** Puts the dependencies into the checkout, a copy of its own. @throws DEPENDENCIES_FAILED */
  link(run: RunInside): Promise<void>;
}

export interface RemoteLayers {
  /** Plans what a spec's commit pins, for sandboxes of an image; undefined when it pins nothing. */
  planFor(spec: SourcedSpec, image: ModalImage): Promise<LayerPlan | undefined>;
}

/**
 * Installs dependencies once per lockfile and image, for all sandboxes of an account that share them. Should
 * two processes do it at once, the first one counts.
 */
export function createRemoteLayers(options: RemoteLayersOptions): RemoteLayers {
  const inFlight = new Map<string, Promise<void>>();
  return {
    planFor: async (spec, image) => {
      const { repository, commit } = spec.source;
      const inputs = await readDependencyInputs(repository, commit);
      if (inputs === undefined) return undefined;
      const volume = nameLayerVolume(layerKey(inputs, `modal ${JSON.stringify(image)}`));
      const record = join(options.folder, volume.name);
      return {
        volume: { ...volume, readOnly: true },
        ready: async (signal) => {
          if (existsSync(record)) return;
          let filling = inFlight.get(volume.name);
          if (filling === undefined) {
            filling = fill(options, { spec, inputs, volume, record }).finally(() =>
              inFlight.delete(volume.name),
            );
            inFlight.set(volume.name, filling);
          }
          // One caller giving up does not take the layer from the others.
          await untilAborted(filling, signal);
        },
        link: async (run) => {
          if (await unpackLayer(run, volume)) return;
          // The next one fills it again.
          await rm(record, { force: true });
          throw new SandboxError('DEPENDENCIES_FAILED', `the volume ${volume.name} has no complete layer`, {
            details: { volume: volume.name },
          });
        },
      };
    },
  };
}

interface Filling {
  readonly spec: SourcedSpec;
  readonly inputs: DependencyInputs;
  readonly volume: LayerVolume;
  /** File that says that the volume is complete. */
  readonly record: string;
}

async function fill(options: RemoteLayersOptions, { spec, inputs, volume, record }: Filling): Promise<void> {
  const { folder, env, installer, logger } = options;
  const { image } = spec;
  const planned = planInstaller(spec.labels.run, env);
  const sandbox = await installer(image === undefined ? planned : { ...planned, image }, volume);
  {
    // What it wrote is seen by others when it has ended.
    await using _ending = sandbox;
    if (await hasLayer(sandbox, volume)) logger.info({ layer: volume.name }, 'dependencies found');
    else {
      logger.info({ layer: volume.name, manager: inputs.manager }, 'installing dependencies');
      const durationMs = await fillVolume(sandbox, volume, inputs);
      logger.info({ layer: volume.name, durationMs }, 'dependencies installed');
    }
  }
  await mkdir(folder, { recursive: true });
  await writeFile(record, '');
}
