import type { ExecHandle, Logger } from '@agentswarm/core';
import type { HostGit } from '../commits/host-git.ts';
import type { InsideCommand } from '../inside/inside-command.ts';
import { takeOver } from '../handles/sandbox-hold.ts';
import type { NetworkOptions } from '../network/sandbox-network.ts';
import { deadlineIn, type MachineTime } from '../process/machine-time.ts';
import type { Cloud, NamedSandbox } from './cloud/cloud.ts';
import type { Leases } from './cloud/leases.ts';
import { execWhenConnected } from './exec/exec-when-connected.ts';
import type { RemoteLayers } from './layers/remote-layers.ts';
import type { ModalBackendOptions } from './modal-backend-options.ts';
import type { RemoteCertificates } from './remote-certificates.ts';
import type { RemoteRecord, RemoteRecords } from './remote-record.ts';
import type { ShimKeeper } from './shim/shim-keeper.ts';

/** What every handle of a backend works with. */
export interface RemoteContext {
  readonly options: ModalBackendOptions;
  /** Names the folder of the records to the cloud. */
  readonly machine: string;
  readonly shims: ShimKeeper;
  readonly cloud: Cloud;
  readonly leases: Leases;
  readonly layers: RemoteLayers;
  readonly records: RemoteRecords;
  readonly git: HostGit;
  /** Reads what sandboxes wrote. */
  readonly intakeGit: HostGit;
  readonly network: NetworkOptions;
  /** What the settings of the network name. */
  readonly certificates: RemoteCertificates;
  /** Hears when a handle was given up, and the sandbox stays. */
  readonly onDetached: (id: string) => void;
  /** Hears when nothing of a sandbox is left. */
  readonly onRemoved: (id: string) => void;
  readonly time: MachineTime;
  readonly logger: Logger;
}

/** What the cloud is told of a sandbox. */
export function nameSandbox(
  { machine }: RemoteContext,
  record: RemoteRecord,
  remoteId: string,
): NamedSandbox {
  const { id, labels, createdAtMs } = record;
  return { id, labels, createdAtMs, machine, remoteId };
}

/** Runs commands of the backend's own, which are none of the sandbox's: no label, and not ended with them. */
export function createOwnRun(
  { shims, logger }: RemoteContext,
  { id, remoteId, signal }: { readonly id: string; readonly remoteId: string; readonly signal?: AbortSignal },
): (command: InsideCommand) => ExecHandle {
  return (command) =>
    execWhenConnected(() => shims.connectTo(remoteId), {
      ...(signal === undefined ? {} : { signal }),
      ...command,
      sandboxId: remoteId,
      onProblem: (error) => {
        // Whatever breaks of one that is let go is meant to.
        if (command.signal?.aborted === true) return;
        logger.warn({ sandbox: id, error }, 'a command of the backend met a problem');
      },
    });
}

/** Ends a sandbox, whoever owns it, and forgets it. Where that fails now, whoever reaps next does it. */
export async function removeRemote(context: RemoteContext, id: string): Promise<void> {
  const { cloud, records, time } = context;
  // Ours first: should we die here, the next one finishes it.
  const taken = await takeOver(records, id, { fromAnyone: true });
  const known = taken?.record.remoteId;
  try {
    const remoteIds = known === undefined ? (await cloud.find(id)).map(({ remoteId }) => remoteId) : [known];
    for (const remoteId of remoteIds) await cloud.terminate(remoteId);
  } catch (error) {
    // Not ours any more: what a living process owns is reaped by nobody.
    await records.change(id, ({ owner: _owner, ...record }) => ({ ...record, ends: deadlineIn(0, time) }));
    throw error;
  }
  await records.remove(id);
  context.onRemoved(id);
}
