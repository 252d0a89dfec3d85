import { assignProcesses, type KnownProcess, type ProcessTable } from '../../limits/assign-processes.ts';
import type { ProcessSample } from '../../limits/process-sample.ts';
import { carriesLabel, readProc } from '../../limits/read-proc.ts';

/** A process may be seen before it is what it was started for, which brings the label. */
const SETTLE_MS = 2_000;

interface OtherProcess {
  readonly start: string;
  readonly seenAtMs: number;
}

/** Keeps track of the processes that carry a label, and of all they start, whatever those carry. */
export class LabelWatch {
  readonly #label: string;
  /** Leaders of sessions by their start: who belongs to such a session comes from its leader. */
  readonly #leaders = new Map<number, string>();
  #known: ReadonlyMap<number, KnownProcess> = new Map();
  #others = new Map<number, OtherProcess>();
  #spared: ReadonlySet<number> | undefined;

  constructor(label: string) {
    this.#label = label;
  }

  /** Looks at all processes of the machine, and gives those that were found to belong together. */
  look(): readonly ProcessSample[] {
    const table = readProc();
    this.#spared ??= lineage(table, process.pid);
    this.#forgetLeaders(table);
    let found = this.#assign(table, this.#known);
    const labelled = this.#findLabelled(table, found);
    if (labelled.size > 0) found = this.#assign(table, new Map([...found, ...labelled]));
    for (const pid of this.#spared) found.delete(pid);
    this.#known = found;
    return [...found.keys()].flatMap((pid) => table.get(pid) ?? []).filter((sample) => counts(sample, found));
  }

  #assign(table: ProcessTable, known: ReadonlyMap<number, KnownProcess>): Map<number, KnownProcess> {
    const roots = new Map([...this.#leaders.keys()].map((pid) => [pid, this.#label]));
    return assignProcesses(table, { roots, known });
  }

  #findLabelled(table: ProcessTable, found: ReadonlyMap<number, KnownProcess>): Map<number, KnownProcess> {
    const nowMs = performance.now();
    const labelled = new Map<number, KnownProcess>();
    const others = new Map<number, OtherProcess>();
    for (const { pid, start, session } of table.values()) {
      if (found.has(pid) || this.#spared?.has(pid)) continue;
      const before = this.#others.get(pid);
      const other = before?.start === start ? before : { start, seenAtMs: nowMs };
      if (nowMs - other.seenAtMs < SETTLE_MS && carriesLabel(pid, this.#label)) {
        labelled.set(pid, { start, command: this.#label });
        if (session === pid) this.#leaders.set(pid, start);
      } else others.set(pid, other);
    }
    this.#others = others;
    return labelled;
  }

  /** An id is given to nobody else while it names a session. */
  #forgetLeaders(table: ProcessTable): void {
    const sessions = new Set([...table.values()].map(({ session }) => session));
    for (const [pid, start] of this.#leaders) {
      const leader = table.get(pid);
      if (leader === undefined ? !sessions.has(pid) : leader.start !== start) this.#leaders.delete(pid);
    }
  }
}

/** A process and all that it comes from. */
function lineage(table: ProcessTable, pid: number): ReadonlySet<number> {
  const line = new Set<number>();
  for (let at = pid; at > 0 && !line.has(at); at = table.get(at)?.parent ?? 0) line.add(at);
  return line;
}

/** What has ended and whose parent is a stranger waits for that one, and is nobody's burden. */
function counts({ hasEnded, parent }: ProcessSample, found: ReadonlyMap<number, KnownProcess>): boolean {
  return !hasEnded || found.has(parent);
}
