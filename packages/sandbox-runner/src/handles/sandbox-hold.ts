import { errnoOf, SandboxError } from '../errors.ts';
import { deadlineIn, msUntil, type MachineTime } from '../process/machine-time.ts';
import {
  isOwnerAlive,
  thisProcess,
  type RecordedSandbox,
  type SandboxRecord,
  type SandboxRecords,
} from './sandbox-record.ts';

/** What a handle may do to its sandbox as a whole: the owner's, or that of a guest of another owner. */
export interface SandboxHold {
  readonly isGuest: boolean;
  /** Whether the sandbox exists, and for an owner: is still its own. */
  stands(): Promise<boolean>;
  /** Milliseconds until its wall time is over; undefined without a limit. */
  wallLeftMs(): Promise<number | undefined>;
  renew(wallTimeoutMs: number | undefined): Promise<void>;
  /** Gives the sandbox up; for a guest there is nothing to give. */
  detach(): Promise<void>;
  /** Ends every process and removes everything. */
  end(): Promise<void>;
}

export interface HoldOptions<M extends object = RecordedSandbox> {
  readonly id: string;
  readonly records: SandboxRecords<M>;
  readonly time: MachineTime;
  readonly idleTimeoutMs?: number;
  /** Ends every process and removes everything. */
  readonly end: () => Promise<void>;
  /** Hears that this hold was given up. */
  readonly onDetached?: () => Promise<void>;
}

/** The hold of the handle that the record names as owner. */
export function ownerHold<M extends object>(handle: string, options: HoldOptions<M>): SandboxHold {
  const { id, records, time, idleTimeoutMs } = options;
  const stands = async () => (await records.find(id))?.owner?.handle === handle;
  return {
    ...commonHold(options),
    isGuest: false,
    stands,
    detach: async () => {
      const idleEnds = idleTimeoutMs === undefined ? {} : { idleEnds: deadlineIn(idleTimeoutMs, time) };
      try {
        await records.change(id, ({ owner, ...record }) =>
          owner?.handle === handle ? { ...record, ...idleEnds } : undefined,
        );
      } finally {
        await options.onDetached?.();
      }
    },
  };
}

/** A hold beside that of the owner, who may live in another process. */
export function guestHold<M extends object>(options: HoldOptions<M>): SandboxHold {
  const { id, records } = options;
  return {
    ...commonHold(options),
    isGuest: true,
    stands: async () => (await records.find(id)) !== undefined,
    detach: async () => options.onDetached?.(),
  };
}

/** A hold beside another one of this process, which ends the sandbox for both. */
export function guestOf(hold: SandboxHold, end: () => Promise<void>): SandboxHold {
  return { ...hold, isGuest: true, detach: async () => undefined, end };
}

function commonHold<M extends object>({ id, records, time, end }: HoldOptions<M>) {
  return {
    end,
    wallLeftMs: async () => {
      const ends = (await records.find(id))?.ends;
      return ends && msUntil(ends, time);
    },
    renew: async (wallTimeoutMs: number | undefined) => {
      const ends = wallTimeoutMs === undefined ? {} : { ends: deadlineIn(wallTimeoutMs, time) };
      if (await records.change(id, (record) => ({ ...record, ...ends }))) return;
      throw new SandboxError('SANDBOX_TERMINATED', `sandbox ${id} has ended`, { details: { sandbox: id } });
    },
  };
}

interface TakeOverOptions<M extends object> {
  readonly fromAnyone?: boolean;
  readonly isWanted?: (record: SandboxRecord<M>) => boolean | Promise<boolean>;
}

/**
 * Makes this process the owner of a sandbox that no living process owns, or of any (`fromAnyone`), when
 * `isWanted`. Of several processes that try at once, one succeeds.
 */
export async function takeOver<M extends object>(
  records: SandboxRecords<M>,
  id: string,
  options: TakeOverOptions<M> = {},
): Promise<{ readonly record: SandboxRecord<M>; readonly handle: string } | undefined> {
  const owner = await thisProcess();
  const change = async (found: SandboxRecord<M>) => {
    if (options.fromAnyone !== true && (await isOwnerAlive(found))) return undefined;
    if (options.isWanted !== undefined && !(await options.isWanted(found))) return undefined;
    const { idleEnds: _idleEnds, ...rest } = found;
    return { ...rest, owner };
  };
  const record = await records.change(id, change).catch(async (error: unknown) => {
    // On a full disk nobody can say so. What is there must be read and removed all the same.
    if (errnoOf(error) !== 'ENOSPC') throw error;
    const found = await records.find(id);
    return found && (await change(found));
  });
  return record && { record, handle: owner.handle };
}

/** Whether the time of a sandbox that nobody owns is over. */
export function isOver(
  { ends, idleEnds }: Pick<SandboxRecord, 'ends' | 'idleEnds'>,
  time: MachineTime,
): boolean {
  return [ends, idleEnds].some((deadline) => deadline !== undefined && msUntil(deadline, time) <= 0);
}
