import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import {
  silentLogger,
  type Logger,
  type Sandbox,
  type SandboxBackend,
  type SandboxLabels,
  type SandboxLimits,
  type SandboxSpec,
  type SandboxSummary,
} from '@agentswarm/core';
import type { RegistrySettings } from '../egress/registry-settings.ts';
import { failuresOf, OpenHandles, requireClosed } from '../handles/open-handles.ts';
import { createLimitKeeper, type LimitKeeper } from '../limits/limit-keeper.ts';
import { machineTime, type MachineTime } from '../process/machine-time.ts';
import { findLabelledProcesses, killLabelledProcesses, sandboxLabel } from '../process/process-table.ts';
import { attachSandbox } from './attach-sandbox.ts';
import { boundMemory } from '../commits/bound-memory.ts';
import { chooseConfinement } from './choose-confinement.ts';
import type { Confinement } from './confinement.ts';
import { createSandbox, type CreateContext } from './create-sandbox.ts';
import { createDependencyLayers, type DependencyLayers } from './dependency-layers.ts';
import { nameFullDisk } from './full-disk.ts';
import { createBigTreeCheck, type IsBigTree } from './big-tree.ts';
import { createHostGit, type HostGit, type HostWrap } from '../commits/host-git.ts';
import { createKeptTrees, type KeptTrees } from './kept-trees.ts';
import type { LocalSandbox } from './local-sandbox.ts';
import { inOverlay, type Overlay } from './overlay.ts';
import { createPins, type Pins } from './pins.ts';
import { removeTree } from '../transfer/remove-tree.ts';
import { isOver, takeOver } from '../handles/sandbox-hold.ts';
import {
  createSandboxRecords,
  isOwnerAlive,
  matchesLabels,
  type SandboxRecord,
  type SandboxRecords,
} from '../handles/sandbox-record.ts';
import { writeGeneratedEtc } from './system-view.ts';

/** Where local sandboxes live and what they see of this machine. */
export interface LocalBackendOptions {
  /** Absolute folder for sandboxes and dependency layers; made when missing. */
  readonly root: string;
  /** `auto` isolates by the means of the platform; `none` does not isolate at all. */
  readonly isolation: 'auto' | 'none';
  readonly runtime: {
    /** Host folders and files that are visible, under their own names: the worker's code, say. */
    readonly readOnlyPaths: readonly string[];
    /** The Node that `node` names inside. */
    readonly nodePath: string;
  };
  /** PATH of the host: its tools are visible inside. Default: the system's directories only. */
  readonly path?: string;
  /** For installing dependencies, network `registries` and lists of hosts; certificate files it names are made visible. */
  readonly registry?: RegistrySettings;
  /** For sandboxes whose spec names none. Default: half the memory, 512 processes, 10 GiB of disk. */
  readonly limits?: SandboxLimits;
  readonly logger?: Logger;
  /** Default: this machine's. */
  readonly time?: MachineTime;
}

/**
 * Makes sandboxes on this machine. Disposing the backend ends all of them.
 *
 * @throws {SandboxError} ISOLATION_UNAVAILABLE, with the reason, when `isolation` is `auto` and this
 * machine cannot isolate. It never falls back to `none` by itself.
 *
 * @example
 * await using backend = createLocalBackend({ root, isolation: 'auto', runtime: { readOnlyPaths: [], nodePath: process.execPath } });
 * await using sandbox = await backend.create({ labels: { run: 'run-1', purpose: 'command' } });
 * const { stdout } = await sandbox.exec({ command: ['id'] }).result;
 */
export function createLocalBackend(options: LocalBackendOptions): SandboxBackend {
  mkdirSync(options.root, { recursive: true });
  // Its one true name, so that it is recognised in whatever else is made visible.
  return new LocalBackend({ ...options, root: realpathSync(options.root) });
}

class LocalBackend implements SandboxBackend {
  readonly description: string;
  readonly #options: LocalBackendOptions;
  readonly #confinement: Confinement;
  readonly #records: SandboxRecords;
  readonly #git: HostGit;
  readonly #checkoutGit: HostGit;
  /** Reads what sandboxes wrote. */
  readonly #intakeGit: HostGit;
  readonly #layers: DependencyLayers;
  readonly #pins: Pins;
  readonly #isBigTree: IsBigTree;
  readonly #trees: KeptTrees;
  readonly #limits: LimitKeeper;
  readonly #logger: Logger;
  readonly #time: MachineTime;
  readonly #handles = new OpenHandles<LocalSandbox>();
  readonly #etcFolder: string;
  #prepared: Promise<void> | undefined;
  #canOverlay: Promise<boolean> | undefined;

  constructor(options: LocalBackendOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#time = options.time ?? machineTime;
    this.#etcFolder = join(options.root, 'etc');
    this.#confinement = chooseConfinement(options, this.#etcFolder);
    this.description = this.#confinement.description;
    this.#records = createSandboxRecords(join(options.root, 'sandboxes'));
    this.#git = createHostGit(options.path ?? '');
    this.#intakeGit = createHostGit(options.path ?? '', boundMemory);
    this.#checkoutGit = createHostGit(options.path ?? '', this.#asOwner());
    this.#pins = createPins({ folder: join(options.root, 'pins'), git: this.#git, logger: this.#logger });
    this.#isBigTree = createBigTreeCheck(this.#git);
    this.#limits = createLimitKeeper({
      root: options.root,
      defaults: options.limits ?? {},
      logger: this.#logger,
    });
    this.#trees = createKeptTrees({
      folder: join(options.root, 'trees'),
      git: this.#checkoutGit,
      pins: this.#pins,
      logger: this.#logger,
    });
    this.#layers = createDependencyLayers({
      folder: join(options.root, 'layers'),
      platform: `${process.platform}-${process.arch}-${process.version}`,
      env: options.registry?.env ?? {},
      logger: this.#logger,
      installer: async (spec) => {
        const sandbox = await this.#open(spec, this.#handles.closing);
        return {
          sandbox,
          workdir: this.#confinement.places(this.#records.folderOf(sandbox.id)).workdir.host,
        };
      },
    });
  }

  async create(spec: SandboxSpec, options: { readonly signal?: AbortSignal } = {}): Promise<Sandbox> {
    const signals = [this.#handles.closing, ...(options.signal === undefined ? [] : [options.signal])];
    const signal = AbortSignal.any(signals);
    try {
      return await this.#open(spec, signal);
    } catch (error) {
      throw signal.aborted ? error : await nameFullDisk(error, this.#options.root);
    }
  }

  #open(spec: SandboxSpec, signal: AbortSignal): Promise<LocalSandbox> {
    return this.#handles.create(signal, async (id) =>
      createSandbox(await this.#context(), spec, { id, signal }),
    );
  }

  async #context(): Promise<CreateContext> {
    this.#prepared ??= writeGeneratedEtc(this.#etcFolder);
    await this.#prepared;
    return {
      confinement: this.#confinement,
      records: this.#records,
      git: this.#git,
      intakeGit: this.#intakeGit,
      checkoutGit: (overlay) => this.#gitIn(overlay),
      isBigTree: this.#isBigTree,
      pins: this.#pins,
      nodePath: this.#options.runtime.nodePath,
      layerFor: (sourced, aborted) => this.#layers.layerFor(sourced, aborted),
      network: {
        settings: this.#options.registry ?? { env: {} },
        cutsOffPorts: this.#confinement.cutsOffPorts,
        portsFolder: join(this.#options.root, 'ports'),
        logger: this.#logger,
      },
      holdTree: await this.#treeHolder(),
      limits: this.#limits,
      onRemoved: async (removed) => {
        this.#handles.forget(removed);
        await this.#giveBack(removed);
      },
      onDetached: (given) => this.#handles.forget(given),
      time: this.#time,
      logger: this.#logger,
    };
  }

  /** Undefined where trees cannot be kept: every sandbox then has a checkout of its own. */
  async #treeHolder(): Promise<KeptTrees['hold'] | undefined> {
    const folder = join(this.#options.root, 'sandboxes');
    this.#canOverlay ??= this.#confinement.canOverlay?.(folder) ?? Promise.resolve(false);
    return (await this.#canOverlay) ? (request) => this.#trees.hold(request) : undefined;
  }

  #asOwner(): HostWrap {
    return this.#confinement.asOwner ?? ((command) => command);
  }

  #gitIn(overlay: Overlay | undefined): HostGit {
    if (overlay === undefined) return this.#checkoutGit;
    const [mount, asOwner] = [inOverlay(overlay), this.#asOwner()];
    return createHostGit(this.#options.path ?? '', (command) => mount(asOwner(command)));
  }

  /** Ends what a sandbox borrowed of repositories and kept trees. */
  async #giveBack(id: string): Promise<void> {
    await this.#trees.release(id);
    await this.#pins.remove(id);
  }

  async attach(id: string, options: { readonly signal?: AbortSignal } = {}): Promise<Sandbox> {
    options.signal?.throwIfAborted();
    const remove = (ended: string) => this.#remove(ended);
    return this.#handles.attach(id, async (onDetached) =>
      attachSandbox({ ...(await this.#context()), onDetached }, id, remove),
    );
  }

  async list(labels: Partial<SandboxLabels>): Promise<readonly SandboxSummary[]> {
    const records = await this.#read(labels);
    return Promise.all(
      records.map(async (record) => {
        const { id, labels: found, createdAtMs, owner } = record;
        const state = (await isOwnerAlive(record)) ? 'held' : owner === undefined ? 'detached' : 'orphaned';
        return { id, labels: found, createdAtMs, state } as const;
      }),
    );
  }

  async reap(labels: Partial<SandboxLabels>, options: { readonly detached?: boolean } = {}): Promise<number> {
    let reaped = 0;
    for (const { id } of await this.#read(labels)) {
      try {
        if (!(await this.#reapOne(id, options.detached === true))) continue;
        this.#logger.info({ sandbox: id }, 'sandbox reaped');
        reaped += 1;
      } catch (error) {
        // The others are not kept for it, nor is whoever must go on afterwards.
        this.#logger.error({ sandbox: id, error }, 'a sandbox could not be reaped');
      }
    }
    return reaped;
  }

  /** False where it is not to be reaped. */
  async #reapOne(id: string, detached: boolean): Promise<boolean> {
    const own = this.#handles.own(id);
    if (own === undefined) {
      const isWanted = (record: SandboxRecord) => detached || this.#isForsaken(record);
      if ((await takeOver(this.#records, id, { isWanted })) === undefined) return false;
      await this.#remove(id);
    } else await own.terminate();
    return true;
  }

  /** Whether nobody comes back to a sandbox without an owner. */
  async #isForsaken(record: SandboxRecord): Promise<boolean> {
    if (record.owner !== undefined) return true;
    if (!isOver(record, this.#time)) return false;
    const { idleEnds: _idleEnds, ...busy } = record;
    return isOver(busy, this.#time) || (await findLabelledProcesses(sandboxLabel(record.id))).length === 0;
  }

  /** Ends and removes a sandbox that another backend or process made. */
  async #remove(id: string): Promise<void> {
    // Ours first: should we die here, the next one finishes it.
    await takeOver(this.#records, id, { fromAnyone: true });
    await killLabelledProcesses(sandboxLabel(id));
    await removeTree(this.#records.folderOf(id));
    await this.#giveBack(id);
    await this.#records.remove(id);
    this.#handles.forget(id);
  }

  async #read(labels: Partial<SandboxLabels>) {
    const records = await this.#records.read((sandbox, error) => {
      this.#logger.warn({ sandbox, error }, 'the record of a sandbox cannot be read, it is left alone');
    });
    return records.filter((record) => matchesLabels(record.labels, labels));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures = [
      ...(await this.#handles.close()),
      ...(await failuresOf([this.#trees[Symbol.asyncDispose]()])),
    ];
    requireClosed(failures);
  }
}
