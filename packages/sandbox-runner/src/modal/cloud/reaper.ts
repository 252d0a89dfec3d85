import type { Logger, SandboxLabels, SandboxSummary } from '@agentswarm/core';
import { isOver, takeOver } from '../../handles/sandbox-hold.ts';
import { isOwnerAlive, matchesLabels } from '../../handles/sandbox-record.ts';
import type { MachineTime } from '../../process/machine-time.ts';
import { createOwnRun, removeRemote, type RemoteContext } from '../remote-context.ts';
import type { RemoteRecord, RemoteRecords } from '../remote-record.ts';
import { findsCommand } from '../sandbox/find-command.ts';
import type { Cloud } from './cloud.ts';
import { isForsakenElsewhere, joinSurvey, summarize, type Survey } from './survey.ts';

/** Finds sandboxes of all machines, and ends those that nobody comes back to. */
export interface Reaper {
  list(labels: Partial<SandboxLabels>): Promise<readonly SandboxSummary[]>;
  reap(context: RemoteContext, labels: Partial<SandboxLabels>, how: ReapOptions): Promise<number>;
}

interface ReapOptions {
  readonly detached: boolean;
  /** The handle of this backend, where it owns the sandbox. */
  readonly ownHandle: (id: string) => { terminate(): Promise<void> } | undefined;
}

export function createReaper(options: {
  readonly cloud: Cloud;
  readonly records: RemoteRecords;
  readonly time: MachineTime;
  readonly logger: Logger;
}): Reaper {
  const { cloud, records, time, logger } = options;

  /** Of what has ended only the records are left: those go here. */
  const survey = async (labels: Partial<SandboxLabels>): Promise<readonly Survey[]> => {
    const all = await records.read((sandbox, error) => {
      logger.warn({ sandbox, error }, 'the record of a sandbox cannot be read, it is left alone');
    });
    const recorded = all.filter((record) => matchesLabels(record.labels, labels));
    const joined = joinSurvey(recorded, await cloud.list(labels));
    const standing = await Promise.all(joined.map((found) => stands(found, cloud)));
    const over = joined.filter((_, index) => standing[index] === false);
    for (const { id } of over) await records.remove(id);
    return joined.filter((_, index) => standing[index]);
  };

  return {
    list: async (labels) => {
      const found = await survey(labels);
      const summaries = await Promise.all(found.map((one) => summarize(one, time.nowMs())));
      return summaries.filter((summary) => summary !== undefined);
    },
    reap: async (context, labels, how) => {
      let reaped = 0;
      for (const found of await survey(labels)) {
        try {
          if (!(await reapOne(context, found, how))) continue;
          logger.info({ sandbox: found.id }, 'sandbox reaped');
          reaped += 1;
        } catch (error) {
          // The others are not kept for it, nor is whoever must go on afterwards.
          logger.error({ sandbox: found.id, error }, 'a sandbox could not be reaped');
        }
      }
      return reaped;
    },
  };
}

/** Whether there is a sandbox, or will be. A list may be late, so that one it misses is asked for. */
async function stands({ record, seen }: Survey, cloud: Cloud): Promise<boolean> {
  if (seen !== undefined || record === undefined) return true;
  if (record.remoteId === undefined) return isOwnerAlive(record);
  return cloud.isRunning(record.remoteId);
}

/** False where it is not to be reaped. */
async function reapOne(context: RemoteContext, found: Survey, how: ReapOptions): Promise<boolean> {
  const { id, record, remoteIds, seen } = found;
  const own = how.ownHandle(id);
  if (own !== undefined) {
    await own.terminate();
    return true;
  }
  if (record !== undefined) {
    const isWanted = (now: RemoteRecord) => how.detached || isForsaken(context, now);
    if ((await takeOver(context.records, id, { isWanted })) === undefined) return false;
    await removeRemote(context, id);
    return true;
  }
  const { detached } = how;
  if (seen === undefined || !isForsakenElsewhere(seen, { nowMs: context.time.nowMs(), detached }))
    return false;
  for (const remoteId of remoteIds) await context.cloud.terminate(remoteId);
  return true;
}

/** Whether nobody comes back to a sandbox without an owner. */
async function isForsaken(context: RemoteContext, record: RemoteRecord): Promise<boolean> {
  const { id, remoteId, owner } = record;
  if (owner !== undefined) return true;
  if (!isOver(record, context.time)) return false;
  const { idleEnds: _idleEnds, ...busy } = record;
  if (isOver(busy, context.time) || remoteId === undefined) return true;
  return !(await findsCommand(id, createOwnRun(context, { id, remoteId })));
}
