import type { ProcessSample } from './process-sample.ts';

export type ProcessTable = ReadonlyMap<number, ProcessSample>;

/** A process that was found to belong to a command; it does so until it ends. */
export interface KnownProcess {
  readonly start: string;
  readonly command: string;
}

export interface AssignmentFacts {
  /** Commands by the process they began with, which leads a session of its own. */
  readonly roots: ReadonlyMap<number, string>;
  /** Processes found before. */
  readonly known: ReadonlyMap<number, KnownProcess>;
}

/**
 * Finds the command that each process belongs to: by what is known of it, by its session, or by the nearest
 * process above it of which one of these tells. A process that left its session and lost its parents
 * stays found, since it was seen before it did.
 */
export function assignProcesses(table: ProcessTable, facts: AssignmentFacts): Map<number, KnownProcess> {
  const found = new Map<number, string | undefined>();
  const assigned = new Map<number, KnownProcess>();
  for (const sample of table.values()) {
    const path: ProcessSample[] = [];
    let current: ProcessSample | undefined = sample;
    let command: string | undefined;
    // Each process is looked at once; a table read while it changes may even have circles.
    while (current !== undefined && !found.has(current.pid)) {
      path.push(current);
      found.set(current.pid, undefined);
      command = ownCommand(current, facts);
      if (command !== undefined) break;
      current = table.get(current.parent);
    }
    if (command === undefined && current !== undefined) command = found.get(current.pid);
    if (command === undefined) continue;
    for (const { pid, start } of path) {
      found.set(pid, command);
      assigned.set(pid, { start, command });
    }
  }
  return assigned;
}

function ownCommand(sample: ProcessSample, { roots, known }: AssignmentFacts): string | undefined {
  const root = roots.get(sample.pid);
  if (root !== undefined) return root;
  const earlier = known.get(sample.pid);
  return earlier?.start === sample.start ? earlier.command : roots.get(sample.session);
}
