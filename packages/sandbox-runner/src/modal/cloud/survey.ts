import type { SandboxSummary } from '@agentswarm/core';
import { isOwnerAlive } from '../../handles/sandbox-record.ts';
import type { RemoteRecord } from '../remote-record.ts';
import type { CloudSandbox } from './cloud.ts';

/** What this machine and the cloud know of one sandbox. */
export interface Survey {
  readonly id: string;
  readonly record?: RemoteRecord;
  readonly remoteIds: readonly string[];
  /** As the cloud tells; absent where only the record does. */
  readonly seen?: CloudSandbox;
}

/**
 * Joins what this machine recorded with what runs. A record without a sandbox that runs is among it: being
 * made, or over.
 *
 * @param records - read before the cloud was asked, so that what was complete then must be in `seen`
 */
export function joinSurvey(
  records: readonly RemoteRecord[],
  seen: readonly CloudSandbox[],
): readonly Survey[] {
  const byId = Map.groupBy(seen, ({ id }) => id);
  const ids = new Set([...records.map(({ id }) => id), ...byId.keys()]);
  return [...ids].map((id) => {
    const record = records.find((known) => known.id === id);
    const found = byId.get(id) ?? [];
    return {
      id,
      remoteIds: found.map(({ remoteId }) => remoteId),
      ...(record === undefined ? {} : { record }),
      ...(found[0] === undefined ? {} : { seen: found[0] }),
    };
  });
}

/** Decides who takes care of a sandbox: by its record, or of another machine's by what the cloud was told. */
export async function summarize(
  { id, record, seen }: Survey,
  nowMs: number,
): Promise<SandboxSummary | undefined> {
  if (record !== undefined) {
    const { labels, createdAtMs, owner } = record;
    const state = (await isOwnerAlive(record)) ? 'held' : owner === undefined ? 'detached' : 'orphaned';
    return { id, labels, createdAtMs, state };
  }
  if (seen === undefined) return undefined;
  const { labels, createdAtMs, claim } = seen;
  if (claim.kind === 'detached') return { id, labels, createdAtMs, state: 'detached' };
  return { id, labels, createdAtMs, state: claim.untilMs > nowMs ? 'held' : 'orphaned' };
}

/** Whether nobody comes back to a sandbox that another machine made. */
export function isForsakenElsewhere(
  { claim }: CloudSandbox,
  { nowMs, detached }: { readonly nowMs: number; readonly detached: boolean },
): boolean {
  if (claim.kind === 'leased') return claim.untilMs <= nowMs;
  return detached || (claim.endsAtMs !== undefined && claim.endsAtMs <= nowMs);
}
