import type { BranchName, CommitSha } from '@agentswarm/core';
import type { GitSession, RefChange } from '@agentswarm/git';
import { MergeQueueError } from '../errors.ts';
import { currentProcess, mayBeAlive, type ProcessIdentity } from './process-identity.ts';

/** The right to be the only writer of a target. */
export interface WriterLease {
  /** How often the right has been taken, this time included: a queue with a lower one may not write any more. */
  readonly epoch: number;
  /** Holds in a ref transaction if and only if the lease is still ours. */
  readonly condition: RefChange;
  isHeld(): Promise<boolean>;
  /** Gives the right back. Safe to call when it has been lost. */
  release(): Promise<void>;
}

/** Leases this process holds: an owner with our process number that is not among them is from another life. */
const held = new Set<string>();

/**
 * Takes the right to write a target. It is a ref in the queue's repository that names the epoch and the
 * owner; taking, keeping and losing it are compare-and-swaps on that ref.
 *
 * @throws {MergeQueueError} `QUEUE_BUSY` while its owner may be alive.
 */
export async function acquireWriterLease(session: GitSession, target: BranchName): Promise<WriterLease> {
  const ref = `refs/agentswarm/queue/${target}/writer`;
  const old = await session.resolveRef(ref);
  const last = old === undefined ? undefined : await readOwner(session, old);
  const key = (epoch: number) => `${session.repository}\0${ref}\0${epoch}`;
  if (last?.owner !== undefined && isOccupied(last.owner, key(last.epoch)))
    throw busy(target, ref, last.owner);
  const epoch = (last?.epoch ?? 0) + 1;
  const mine = await session.writeBlob(ownerText(epoch, currentProcess()));
  const taken = await session.updateRefs([{ ref, old: old ?? null, new: mine }]);
  if (taken.kind === 'moved') throw busy(target, ref, undefined);
  held.add(key(epoch));
  return {
    epoch,
    condition: { ref, old: mine, new: mine },
    isHeld: async () => (await session.resolveRef(ref)) === mine,
    release: async () => {
      held.delete(key(epoch));
      const free = await session.writeBlob(ownerText(epoch, undefined));
      await session.updateRefs([{ ref, old: mine, new: free }]);
    },
  };
}

function isOccupied(owner: ProcessIdentity, key: string): boolean {
  return owner.pid === process.pid ? held.has(key) : mayBeAlive(owner);
}

function ownerText(epoch: number, owner: ProcessIdentity | undefined): string {
  return `${JSON.stringify({ epoch, ...owner })}\n`;
}

async function readOwner(
  session: GitSession,
  blob: CommitSha,
): Promise<{ readonly epoch: number; readonly owner: ProcessIdentity | undefined }> {
  const text = (await session.readBlob(blob, { maxBytes: 10_000 }))?.toString('utf8') ?? '';
  const field = (name: string) => new RegExp(`"${name}":("[^"]*"|\\d+)`).exec(text)?.[1];
  const [epoch, host, pid, started] = ['epoch', 'host', 'pid', 'started'].map(field);
  const owner =
    host === undefined || pid === undefined
      ? undefined
      : { host: unquoted(host), pid: Number(pid), started: unquoted(started ?? '') };
  return { epoch: Number(epoch ?? 0), owner };
}

function unquoted(text: string): string {
  return text.replaceAll('"', '');
}

function busy(target: BranchName, ref: string, owner: ProcessIdentity | undefined): MergeQueueError {
  const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`;
  return new MergeQueueError('QUEUE_BUSY', `${who} is landing on ${target} already`, {
    details: { target, ref, ...(owner === undefined ? {} : { pid: owner.pid, host: owner.host }) },
  });
}
