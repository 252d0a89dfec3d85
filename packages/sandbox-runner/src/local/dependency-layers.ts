import { existsSync } from 'node:fs';
import { lstat, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger, Sandbox, SandboxSpec } from '@agentswarm/core';
import { errnoOf } from '../errors.ts';
import { layerKey, readDependencyInputs, type DependencyInputs } from '../dependencies/dependency-inputs.ts';
import { installDependencies, notPlainFolder, planInstaller } from '../dependencies/install-dependencies.ts';
import { SCRATCH_FOLDERS } from '../dependencies/layer-format.ts';
import { removeTree } from '../transfer/remove-tree.ts';
import { untilAborted } from '../process/until-aborted.ts';

export interface DependencyLayersOptions {
  /** Holds one folder per key. */
  readonly folder: string;
  /** Node version, operating system and processor. */
  readonly platform: string;
  /** Makes an empty sandbox to install in, and names its work directory on the host. */
  readonly installer: (spec: SandboxSpec) => Promise<{ readonly sandbox: Sandbox; readonly workdir: string }>;
  /** Registry and certificate settings. */
  readonly env: Readonly<Record<string, string>>;
  readonly logger: Logger;
}

type SourcedSpec = SandboxSpec & Required<Pick<SandboxSpec, 'source'>>;

export interface DependencyLayers {
  /** Folder whose `node_modules` has what the commit pins; undefined when it pins nothing. */
  layerFor(spec: SourcedSpec, signal?: AbortSignal): Promise<string | undefined>;
}

/** Installs dependencies once per lockfile, for all sandboxes that share it. */
export function createDependencyLayers(options: DependencyLayersOptions): DependencyLayers {
  const inFlight = new Map<string, Promise<string>>();
  return {
    layerFor: async ({ source, labels }, signal) => {
      const inputs = await readDependencyInputs(source.repository, source.commit);
      if (inputs === undefined) return undefined;
      const key = layerKey(inputs, options.platform);
      const layer = join(options.folder, key);
      if (existsSync(layer)) return layer;
      let installing = inFlight.get(key);
      if (installing === undefined) {
        installing = install(options, { inputs, key, layer, run: labels.run }).finally(() =>
          inFlight.delete(key),
        );
        inFlight.set(key, installing);
      }
      // One caller giving up does not take the layer from the others.
      return untilAborted(installing, signal);
    },
  };
}

interface Installation {
  readonly inputs: DependencyInputs;
  readonly key: string;
  readonly layer: string;
  readonly run: string;
}

async function install(options: DependencyLayersOptions, installation: Installation): Promise<string> {
  const { logger } = options;
  const { inputs, key, layer, run } = installation;
  logger.info({ layer: key, manager: inputs.manager }, 'installing dependencies');
  const { sandbox, workdir } = await options.installer(planInstaller(run, options.env));
  await using _ending = sandbox;
  const durationMs = await installDependencies(sandbox, inputs);
  await publish(workdir, layer);
  logger.info({ layer: key, durationMs }, 'dependencies installed');
  return layer;
}

/** Completes the layer where it is, then puts it in its place in one step. */
async function publish(workdir: string, layer: string): Promise<void> {
  const staged = `${workdir}.layer`;
  const installed = join(workdir, 'node_modules');
  await mkdir(staged);
  await mkdir(installed, { recursive: true });
  // A link would be mounted as the host folder it names.
  if (!(await lstat(installed)).isDirectory()) throw notPlainFolder();
  await rename(installed, join(staged, 'node_modules'));
  for (const name of SCRATCH_FOLDERS) await mkdir(join(staged, 'node_modules', name), { recursive: true });
  await mkdir(join(layer, '..'), { recursive: true });
  try {
    await rename(staged, layer);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== 'ENOTEMPTY' && errno !== 'EEXIST') throw error;
    // Another process installed the same meanwhile.
    await removeTree(staged);
  }
}
