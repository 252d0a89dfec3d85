import type { SandboxSpec } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import { parseWorkdir, requireWorkdir } from '../commits/start-folder.ts';
import { untilAborted } from '../process/until-aborted.ts';
import { planNetwork, type NetworkPlan } from '../network/sandbox-network.ts';
import { deadlineIn } from '../process/machine-time.ts';
import { LEASE_MS } from './cloud/cloud.ts';
import { tagsOf } from './cloud/tags.ts';
import { checkOutRemote, makeRemoteFolders } from './commits/check-out-remote.ts';
import { REMOTE_PATHS } from './files/remote-places.ts';
import type { LayerPlan } from './layers/remote-layers.ts';
import type { ModalBackendOptions, ModalImage } from './modal-backend-options.ts';
import { openRemote } from './open-remote.ts';
import type { MethodParams } from './protocol/messages.ts';
import { createOwnRun, nameSandbox, removeRemote, type RemoteContext } from './remote-context.ts';
import { remoteLimits, requestResources } from './remote-limits.ts';
import type { RemoteRecord } from './remote-record.ts';
import type { RemoteSandbox } from './sandbox/remote-sandbox.ts';
import type { ShimConnection } from './shim/shim-connection.ts';

/** The longest that Modal allows. Our own limits end sandboxes; this is for when nobody of us lives. */
const CLOUD_LIFE_MS = 24 * 3_600_000;
const DEFAULT_IDLE_MS = 3_600_000;
/** So that the cloud's idle limit never comes before ours. */
const IDLE_SLACK_MS = 600_000;

export interface CreateRemoteRequest {
  readonly id: string;
  /** Besides that of its dependencies. */
  readonly volumes?: NonNullable<MethodParams<'sandbox.create'>['volumes']>;
  readonly signal: AbortSignal;
}

/** A checked spec. */
interface RemotePlan {
  readonly image: ModalImage;
  readonly network: NetworkPlan;
  readonly layer: LayerPlan | undefined;
  readonly resources: ReturnType<typeof requestResources>;
  readonly startIn?: string;
}

/** Makes a sandbox in the cloud, or leaves nothing behind. */
export async function createRemote(
  context: RemoteContext,
  spec: SandboxSpec,
  request: CreateRemoteRequest,
): Promise<RemoteSandbox> {
  const { records } = context;
  const { id, signal } = request;
  const plan = await planRemote(context, spec);
  await plan.layer?.ready(signal);
  // Without one there is nothing to record.
  const connection = await untilAborted(context.shims.connect(), signal);
  try {
    const handle = await records.write(id, spec.labels);
    const record = await createInCloud(context, spec, { ...request, plan, connection });
    return await fill(context, spec, { handle, record, plan, signal });
  } catch (error) {
    await cleanUp(context, id);
    throw signal.aborted ? signal.reason : error;
  }
}

async function planRemote(context: RemoteContext, spec: SandboxSpec): Promise<RemotePlan> {
  const { options, git, network } = context;
  const image = selectImage(spec, options);
  const workdir = parseWorkdir(spec);
  const plan = planNetwork(spec, network.settings);
  const resources = requestResources(remoteLimits(spec.limits, options.limits));
  if (spec.source !== undefined) await requireWorkdir(git, spec.source, workdir);
  const startIn = workdir === undefined ? {} : { startIn: `${REMOTE_PATHS.workdir}/${workdir}` };
  return { image, network: plan, resources, layer: await planLayer(context, spec, image), ...startIn };
}

async function planLayer(
  { layers }: RemoteContext,
  { source, dependencies, ...spec }: SandboxSpec,
  image: ModalImage,
): Promise<LayerPlan | undefined> {
  if (source === undefined || dependencies !== true) return undefined;
  return layers.planFor({ ...spec, source }, image);
}

/** @throws {SandboxError} SANDBOX_UNSUPPORTED */
function selectImage({ image }: SandboxSpec, options: ModalBackendOptions): ModalImage {
  if (image === undefined || image === 'host') return options.image;
  const known = options.images?.[image];
  if (known !== undefined) return known;
  if (image.startsWith('im-')) return { id: image };
  throw new SandboxError('SANDBOX_UNSUPPORTED', `no image is known as ${image}`, { details: { image } });
}

interface PlannedCreate extends CreateRemoteRequest {
  readonly plan: RemotePlan;
  readonly connection: ShimConnection;
}

/** Makes the sandbox itself, empty, and records its name in the cloud. */
async function createInCloud(
  { shims, records, machine, time }: RemoteContext,
  spec: SandboxSpec,
  { id, plan, volumes = [], connection, signal }: PlannedCreate,
): Promise<RemoteRecord & { readonly remoteId: string }> {
  const claim = { kind: 'leased', untilMs: time.nowMs() + LEASE_MS } as const;
  const createdAtMs = time.nowMs();
  const { sandboxId: remoteId } = await connection.call(
    'sandbox.create',
    {
      image: plan.image,
      ...plan.resources,
      timeoutMs: CLOUD_LIFE_MS,
      idleTimeoutMs: Math.min((spec.idleTimeoutMs ?? DEFAULT_IDLE_MS) + IDLE_SLACK_MS, CLOUD_LIFE_MS),
      network: { kind: plan.network.policy === 'open' ? 'open' : 'none' },
      tags: tagsOf({ id, labels: spec.labels, createdAtMs, machine, claim }),
      volumes: [...volumes, ...(plan.layer === undefined ? [] : [plan.layer.volume])],
    },
    { signal, onResult: ({ sandboxId }) => shims.knows(connection, sandboxId) },
  );
  const record = await records.change(id, (known) => ({ ...known, remoteId }));
  if (record !== undefined) return { ...record, remoteId };
  throw new SandboxError('SANDBOX_SETUP_FAILED', `sandbox ${id} was removed while it was made`);
}

interface Empty {
  readonly handle: string;
  readonly record: RemoteRecord & { readonly remoteId: string };
  readonly plan: RemotePlan;
  readonly signal: AbortSignal;
}

/** Fills a sandbox that is empty, and opens it. */
async function fill(
  context: RemoteContext,
  spec: SandboxSpec,
  { handle, record, plan, signal }: Empty,
): Promise<RemoteSandbox> {
  const { git, certificates, records, time } = context;
  const { id, remoteId } = record;
  const { network, layer, startIn } = plan;
  const run = createOwnRun(context, { id, remoteId, signal });
  await makeRemoteFolders(run);
  if (network.egress !== undefined) await certificates.place(run);
  if (spec.source !== undefined) await checkOutRemote({ git, run }, spec.source);
  await layer?.link(run);
  signal.throwIfAborted();
  const { labels: _labels, secrets: _secrets, ...openly } = spec;
  const made = { spec: openly, ...(startIn === undefined ? {} : { startIn }) };
  const ends = spec.wallTimeoutMs === undefined ? {} : { ends: deadlineIn(spec.wallTimeoutMs, time) };
  const complete = await records.change(id, (known) => ({ ...known, made, ...ends }));
  if (complete === undefined) {
    throw new SandboxError('SANDBOX_SETUP_FAILED', `sandbox ${id} was removed while it was made`);
  }
  return openRemote(context, {
    spec,
    named: nameSandbox(context, complete, remoteId),
    plan: network,
    handle,
    signal,
    ...(startIn === undefined ? {} : { startIn }),
  });
}

/** Leaves nothing; or, where the cloud cannot be told now, what the next reap ends. */
async function cleanUp(context: RemoteContext, id: string): Promise<void> {
  try {
    await removeRemote(context, id);
  } catch (error) {
    context.logger.error({ sandbox: id, error }, 'what was made of a sandbox could not be removed yet');
  }
}
