import type { SandboxSpec } from '@agentswarm/core';
import { RELAY_URL } from '../egress/relay.ts';
import type { ResolvedLimits } from '../limits/default-limits.ts';
import { guestHold, ownerHold } from '../handles/sandbox-hold.ts';
import { openNetwork, type NetworkPlan, type SandboxNetwork } from '../network/sandbox-network.ts';
import { collectRemote } from './commits/collect-remote.ts';
import type { NamedSandbox } from './cloud/cloud.ts';
import { REMOTE_GATEWAY } from './files/remote-places.ts';
import type { LimitListener } from './guard/answer-guard.ts';
import { startGuard, type GuardDoor } from './guard/start-guard.ts';
import { keepGuard } from './keep-guard.ts';
import { createOwnRun, removeRemote, type RemoteContext } from './remote-context.ts';
import { remoteLimits } from './remote-limits.ts';
import { RemoteSandbox } from './sandbox/remote-sandbox.ts';

export interface OpenRemoteRequest {
  readonly spec: SandboxSpec;
  readonly named: NamedSandbox;
  readonly startIn?: string;
  readonly plan: NetworkPlan;
  /** The owner's handle; undefined for a guest. */
  readonly handle: string | undefined;
  /** Ends opening it. */
  readonly signal?: AbortSignal;
}

/** Makes a handle on a sandbox that is complete, and for its owner opens what leads out of it. */
export async function openRemote(context: RemoteContext, request: OpenRemoteRequest): Promise<RemoteSandbox> {
  const { records, time, logger, leases, intakeGit } = context;
  const { spec, named, startIn, handle, signal } = request;
  const heard = signal === undefined ? {} : { signal };
  const { id, remoteId } = named;
  await using opening = new AsyncDisposableStack();
  const network = opening.use(
    await openNetwork({ ...context.network, logger: logger.child({ sandbox: id }) }, request.plan),
  );
  const limits = remoteLimits(spec.limits, context.options.limits);
  const holder: { sandbox?: RemoteSandbox } = {};
  if (handle !== undefined) {
    const onLimit: LimitListener = (limit, over) => holder.sandbox?.onLimit(limit, over);
    opening.use(await openGuard(context, { named, limits, network, onLimit, ...heard }));
  }
  // From here on it is ended with the handle.
  const opened = opening.move();
  const hold = {
    id,
    records,
    time,
    ...(spec.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: spec.idleTimeoutMs }),
    end: async () => {
      // At the same time: for what leads out, the end of its sandbox alone would be a failure.
      await settleAll([opened.disposeAsync(), forget(context, id)]);
    },
    onDetached: async () => {
      await using _closing = opened;
      if (handle !== undefined) await leave(context, named);
      context.onDetached(id);
    },
  };
  if (handle !== undefined) leases.hold(named);
  holder.sandbox = new RemoteSandbox({
    spec,
    setting: { id, remoteId, network, limits, ...(startIn === undefined ? {} : { startIn }) },
    connect: () => context.shims.connectTo(remoteId),
    hold: handle === undefined ? guestHold(hold) : ownerHold(handle, hold),
    collect: async (files, target) => {
      if (spec.source === undefined) return undefined;
      return collectRemote({ git: intakeGit, files }, { source: spec.source, ...target });
    },
    time,
    logger,
  });
  return holder.sandbox;
}

async function forget(context: RemoteContext, id: string): Promise<void> {
  await context.leases.drop(id);
  await removeRemote(context, id);
}

async function settleAll(works: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 1) throw new AggregateError(failures, 'a sandbox could not be ended completely');
  if (failures.length === 1) throw failures[0];
}

interface GuardRequest {
  readonly named: NamedSandbox;
  readonly limits: ResolvedLimits;
  readonly network: SandboxNetwork;
  readonly onLimit: LimitListener;
  readonly signal?: AbortSignal;
}

/** Starts what leads out of a sandbox and looks after its limits, for as long as this process holds it. */
function openGuard(context: RemoteContext, request: GuardRequest): Promise<AsyncDisposable> {
  const { named, limits, network, onLimit, ...heard } = request;
  const { options, time, logger } = context;
  const { id } = named;
  const start = () =>
    startGuard({
      run: createOwnRun(context, named),
      command: options.guardCommand,
      sandboxId: id,
      limits,
      doors: doorsOf(network),
      onLimit,
      logger,
    });
  return keepGuard({ id, start, time, logger, ...heard });
}

function doorsOf({ gatewaySocket, egress }: SandboxNetwork): GuardDoor[] {
  const relayPort = Number(new URL(RELAY_URL).port);
  return [
    ...(gatewaySocket === undefined
      ? []
      : [{ inside: { kind: 'socket', path: REMOTE_GATEWAY }, host: gatewaySocket } as const]),
    ...(egress?.socketPath === undefined
      ? []
      : [{ inside: { kind: 'port', port: relayPort }, host: egress.socketPath } as const]),
  ];
}

/** Tells the cloud that nobody takes care of a sandbox any more, and until when that is meant. */
async function leave({ cloud, leases, records, logger }: RemoteContext, named: NamedSandbox): Promise<void> {
  await leases.drop(named.id);
  try {
    const { ends, idleEnds } = (await records.find(named.id)) ?? {};
    const endsAtMs = Math.min(ends?.atMs ?? Infinity, idleEnds?.atMs ?? Infinity);
    await cloud.claim(named, {
      kind: 'detached',
      ...(Number.isFinite(endsAtMs) ? { endsAtMs: Math.ceil(endsAtMs) } : {}),
    });
  } catch (error) {
    // Its lease runs out, and other machines then take it for an orphan.
    logger.warn({ sandbox: named.id, error }, 'the cloud was not told that a sandbox is detached');
  }
}
