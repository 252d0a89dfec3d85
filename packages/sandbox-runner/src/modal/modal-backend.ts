import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  silentLogger,
  type Logger,
  type Sandbox,
  type SandboxBackend,
  type SandboxLabels,
  type SandboxSpec,
  type SandboxSummary,
} from '@agentswarm/core';
import { failuresOf, OpenHandles, requireClosed } from '../handles/open-handles.ts';
import { boundMemory } from '../commits/bound-memory.ts';
import { createHostGit } from '../commits/host-git.ts';
import { createSandboxRecords } from '../handles/sandbox-record.ts';
import { machineTime, type MachineTime } from '../process/machine-time.ts';
import { attachRemote } from './attach-remote.ts';
import { createCloud, type Cloud } from './cloud/cloud.ts';
import { createLeases, type Leases } from './cloud/leases.ts';
import { createReaper, type Reaper } from './cloud/reaper.ts';
import { OWN_TAGS } from './cloud/tags.ts';
import { createRemote, type CreateRemoteRequest } from './create-remote.ts';
import { createRemoteLayers } from './layers/remote-layers.ts';
import { nameMachine } from './machine-name.ts';
import type { ModalAccount, ModalBackendOptions } from './modal-backend-options.ts';
import type { Notice } from './protocol/messages.ts';
import { planCertificates } from './remote-certificates.ts';
import type { RemoteContext } from './remote-context.ts';
import type { RecordedRemote, RemoteRecords } from './remote-record.ts';
import type { RemoteSandbox } from './sandbox/remote-sandbox.ts';
import { openShim } from './shim/open-shim.ts';
import { createShimKeeper, type ShimKeeper } from './shim/shim-keeper.ts';

/**
 * Makes sandboxes in the cloud of Modal. Nothing is started before it is needed. Disposing the backend ends
 * the sandboxes that it holds.
 *
 * @example
 * await using backend = createModalBackend({ root, account: { app: 'agentswarm' }, shim, image, guardCommand });
 * await using sandbox = await backend.create({ labels: { run: 'run-1', purpose: 'command' } });
 * const { stdout } = await sandbox.exec({ command: ['id'] }).result;
 */
export function createModalBackend(options: ModalBackendOptions): SandboxBackend {
  return new ModalBackend(options);
}

class ModalBackend implements SandboxBackend {
  readonly description: string;
  readonly #options: ModalBackendOptions;
  readonly #logger: Logger;
  readonly #time: MachineTime;
  readonly #folder: string;
  readonly #records: RemoteRecords;
  readonly #shims: ShimKeeper;
  readonly #cloud: Cloud;
  readonly #leases: Leases;
  readonly #reaper: Reaper;
  readonly #handles = new OpenHandles<RemoteSandbox>();
  #prepared: Promise<RemoteContext> | undefined;

  constructor(options: ModalBackendOptions) {
    const { account, logger = silentLogger, time = machineTime } = options;
    this.#options = options;
    this.#logger = logger;
    this.#time = time;
    this.description = `modal (app ${account.app}${account.serverUrl === undefined ? '' : ` at ${account.serverUrl}`})`;
    // What one account has, another must not take for ended.
    this.#folder = join(options.root, `account-${nameAccount(account)}`);
    this.#records = createSandboxRecords<RecordedRemote>(join(this.#folder, 'sandboxes'));
    this.#shims = createShimKeeper({ open: (signal) => this.#openShim(signal), time, logger });
    this.#cloud = createCloud(this.#shims);
    this.#leases = createLeases({ cloud: this.#cloud, time, logger });
    this.#reaper = createReaper({ cloud: this.#cloud, records: this.#records, time, logger });
  }

  async create(spec: SandboxSpec, options: { readonly signal?: AbortSignal } = {}): Promise<Sandbox> {
    const signals = [this.#handles.closing, ...(options.signal === undefined ? [] : [options.signal])];
    return this.#open(spec, { signal: AbortSignal.any(signals) });
  }

  #open(spec: SandboxSpec, request: Omit<CreateRemoteRequest, 'id'>): Promise<RemoteSandbox> {
    return this.#handles.create(request.signal, async (id) =>
      createRemote(await this.#context(), spec, { ...request, id }),
    );
  }

  async attach(id: string, options: { readonly signal?: AbortSignal } = {}): Promise<Sandbox> {
    options.signal?.throwIfAborted();
    return this.#handles.attach(id, async (onDetached) =>
      attachRemote({ ...(await this.#context()), onDetached }, id),
    );
  }

  list(labels: Partial<SandboxLabels>): Promise<readonly SandboxSummary[]> {
    return this.#reaper.list(labels);
  }

  async reap(labels: Partial<SandboxLabels>, options: { readonly detached?: boolean } = {}): Promise<number> {
    const context = await this.#context();
    return this.#reaper.reap(context, labels, {
      detached: options.detached === true,
      ownHandle: (id) => this.#handles.own(id),
    });
  }

  #context(): Promise<RemoteContext> {
    this.#prepared ??= this.#prepare();
    return this.#prepared;
  }

  async #prepare(): Promise<RemoteContext> {
    const { path = '', registry = { env: {} } } = this.#options;
    const certificates = planCertificates(registry);
    const { settings } = certificates;
    return {
      options: this.#options,
      machine: await nameMachine(this.#folder),
      shims: this.#shims,
      cloud: this.#cloud,
      leases: this.#leases,
      layers: createRemoteLayers({
        folder: join(this.#folder, 'layers'),
        env: settings.env,
        installer: (spec, volume) => this.#open(spec, { volumes: [volume], signal: this.#handles.closing }),
        logger: this.#logger,
      }),
      records: this.#records,
      git: createHostGit(path),
      intakeGit: createHostGit(path, boundMemory),
      certificates,
      network: { settings, cutsOffPorts: true, logger: this.#logger },
      onDetached: (id) => this.#handles.forget(id),
      onRemoved: (id) => this.#handles.forget(id),
      time: this.#time,
      logger: this.#logger,
    };
  }

  #openShim(signal: AbortSignal) {
    const { account, shim } = this.#options;
    const { app, kind = 'v1', environment, serverUrl, credentials } = account;
    return openShim({
      ...shim,
      account: {
        app,
        backend: kind,
        tags: OWN_TAGS,
        ...(environment === undefined ? {} : { environment }),
        ...(serverUrl === undefined ? {} : { serverUrl }),
      },
      ...(credentials === undefined ? {} : { credentials }),
      onNotice: (notice) => this.#onNotice(notice),
      logger: this.#logger,
      signal,
    });
  }

  #onNotice(notice: Notice): void {
    if (notice.method !== 'sandbox.ended') return;
    const { sandboxId, reason } = notice.params;
    for (const sandbox of this.#handles) {
      if (sandbox.remoteId !== sandboxId) continue;
      this.#logger.warn({ sandbox: sandbox.id, reason }, 'a sandbox ended by itself');
      sandbox.onGone();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures = [
      ...(await this.#handles.close()),
      ...(await failuresOf([this.#leases[Symbol.asyncDispose]()])),
      ...(await failuresOf([this.#shims[Symbol.asyncDispose]()])),
    ];
    requireClosed(failures);
  }
}

function nameAccount({ app, environment = '', serverUrl = '' }: ModalAccount): string {
  return createHash('sha256').update([app, environment, serverUrl].join('\0')).digest('hex').slice(0, 12);
}
