import { existsSync } from 'node:fs';
import { AttemptIdSchema, runRefs, type AttemptId, type CommitSha, type RunId } from '@agentswarm/core';
import { listRefs } from '@agentswarm/git';

/** Something an attempt had done at a moment of its work. */
interface Snapshot {
  /** Counted from 1; some may have been given up. */
  readonly number: number;
  readonly commit: CommitSha;
}

/** What the store keeps of an attempt. */
export interface KeptWork {
  /** What it handed in, or had done when it ended. */
  readonly head?: CommitSha;
  /** Oldest first. */
  readonly snapshots: readonly Snapshot[];
}

/** Reads what the store keeps of each attempt of a run; nothing where there is no store yet. */
export async function readKeptWork(
  repository: string,
  runId: RunId,
): Promise<ReadonlyMap<AttemptId, KeptWork>> {
  const work = new Map<AttemptId, KeptWork>();
  if (!existsSync(repository)) return work;
  const prefix = runRefs(runId);
  for (const { ref, commit } of await listRefs({ repository, prefix })) {
    const [, of = '', number] = /^(?:snapshots\/)?([^/]+)(?:\/(\d+))?$/.exec(ref.slice(prefix.length)) ?? [];
    const attemptId = AttemptIdSchema.safeParse(of);
    if (!attemptId.success) continue;
    const known = work.get(attemptId.data) ?? { snapshots: [] };
    work.set(
      attemptId.data,
      number === undefined
        ? { ...known, head: commit }
        : withSnapshot(known, { number: Number(number), commit }),
    );
  }
  return work;
}

function withSnapshot(known: KeptWork, snapshot: Snapshot): KeptWork {
  const snapshots = [...known.snapshots, snapshot].toSorted((a, b) => a.number - b.number);
  return { ...known, snapshots };
}
