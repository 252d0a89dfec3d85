import { join } from 'node:path';
import type { Logger, SandboxSpec } from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import { deadlineIn, type MachineTime } from '../process/machine-time.ts';
import { sandboxLabel } from '../process/process-table.ts';
import type { LimitKeeper } from '../limits/limit-keeper.ts';
import { withLivingGateway } from '../network/living-gateway.ts';
import { openNetwork, planNetwork, type NetworkOptions } from '../network/sandbox-network.ts';
import type { Confinement, SandboxSetting } from './confinement.ts';
import { folderWithRoom } from './full-disk.ts';
import { readObjectSource, type ObjectSource } from '../commits/git-checkout.ts';
import type { HostGit } from '../commits/host-git.ts';
import { collectFromIntake } from '../commits/intake.ts';
import { LocalSandbox } from './local-sandbox.ts';
import { guestHold, ownerHold } from '../handles/sandbox-hold.ts';
import type { RecordedSandbox, SandboxRecord, SandboxRecords } from '../handles/sandbox-record.ts';

/** What every handle of a backend works with. */
export interface OpenContext {
  readonly confinement: Confinement;
  readonly records: SandboxRecords;
  readonly git: HostGit;
  /** Reads what sandboxes wrote. */
  readonly intakeGit: HostGit;
  readonly network: NetworkOptions;
  readonly limits: LimitKeeper;
  /** Hears when a handle was given up, and the sandbox stays. */
  readonly onDetached: (id: string) => void;
  readonly time: MachineTime;
  readonly logger: Logger;
}

interface OpenRequest {
  readonly spec: SandboxSpec;
  readonly setting: SandboxSetting;
  readonly folder: string;
  readonly source: ObjectSource | undefined;
  /** The owner's handle; undefined for a guest. */
  readonly handle: string | undefined;
  /** Removes all that is left once no process is. */
  readonly remove: () => Promise<void>;
}

/** Records that a sandbox is complete, and as what. Its wall time begins. */
export async function recordMade(
  { records, confinement, time }: OpenContext,
  spec: SandboxSpec,
  setting: SandboxSetting,
): Promise<void> {
  const { labels: _labels, secrets: _secrets, ...openly } = spec;
  const { id, places: _places, network: _network, bounds: _bounds, ...fixed } = setting;
  const made: RecordedSandbox = { isolation: confinement.description, spec: openly, setting: fixed };
  const ends = spec.wallTimeoutMs === undefined ? {} : { ends: deadlineIn(spec.wallTimeoutMs, time) };
  if (await records.change(id, (record) => ({ ...record, made, ...ends }))) return;
  throw new SandboxError('SANDBOX_SETUP_FAILED', `sandbox ${id} was removed while it was made`);
}

/** Makes a handle on a sandbox that is complete. */
export function openSandbox(context: OpenContext, request: OpenRequest): LocalSandbox {
  const { confinement, intakeGit, records, time, logger } = context;
  const { spec, setting, source, handle } = request;
  const { id, places } = setting;
  const hold = {
    id,
    records,
    time,
    ...(spec.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: spec.idleTimeoutMs }),
    end: async () => {
      await using _closing = setting.network;
      await confinement.sweep(sandboxLabel(id));
      await request.remove();
    },
    onDetached: async () => {
      await using _closing = setting.network;
      context.onDetached(id);
    },
  };
  let collections = 0;
  return new LocalSandbox({
    spec,
    setting,
    confinement,
    folder: request.folder,
    watchdog: context.limits,
    time,
    logger,
    hold: handle === undefined ? guestHold(hold) : ownerHold(handle, hold),
    collect: async (target) => {
      if (spec.source === undefined || source === undefined) return undefined;
      // Handles of several processes may collect at a time.
      const name = `quarantine-${id}-${process.pid}-${++collections}`;
      const quarantine = join(await folderWithRoom(request.folder), name);
      const { branch } = spec.source;
      return collectFromIntake(intakeGit, {
        intake: places.intake.host,
        branch,
        source,
        quarantine,
        ...target,
      });
    },
  });
}

/**
 * Opens a sandbox by its record.
 *
 * @throws {SandboxError} SANDBOX_UNSUPPORTED when it is held by other means than this backend's.
 */
export async function reopenSandbox(
  context: OpenContext,
  record: SandboxRecord,
  options: { readonly handle: string | undefined; readonly remove: () => Promise<void> },
): Promise<LocalSandbox> {
  const { confinement, records, git } = context;
  const { id, labels } = record;
  const made = requireMade(context, record);
  const folder = records.folderOf(id);
  const spec: SandboxSpec = { ...withLivingGateway(made.spec), labels };
  const source = spec.source && (await readObjectSource(git, spec.source.repository));
  const setting: SandboxSetting = {
    ...made.setting,
    id,
    places: confinement.places(folder),
    bounds: context.limits.boundsFor(spec.limits),
    network: await openNetwork(context.network, planNetwork(spec, context.network.settings)),
  };
  return openSandbox(context, { ...options, spec, setting, folder, source });
}

/** @throws {SandboxError} */
export function requireMade({ confinement }: OpenContext, { id, made }: SandboxRecord): RecordedSandbox {
  if (made === undefined) {
    throw new SandboxError('SANDBOX_NOT_FOUND', `sandbox ${id} was never completed`, {
      details: { sandbox: id },
    });
  }
  if (made.isolation === confinement.description) return made;
  throw new SandboxError('SANDBOX_UNSUPPORTED', `sandbox ${id} is a sandbox of ${made.isolation}`, {
    details: { sandbox: id, isolation: made.isolation },
  });
}
