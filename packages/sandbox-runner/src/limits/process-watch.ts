import { EXEC_VARIABLE } from '../process/process-table.ts';
import { assignProcesses, type KnownProcess } from './assign-processes.ts';
import type { ProcessSample } from './process-sample.ts';
import { readStartVariable } from './read-proc.ts';
import { readProcesses } from './read-processes.ts';

/** Keeps track of the processes of commands, however they try to get out of sight. */
export class ProcessWatch {
  /** Commands by their first process. */
  readonly #roots = new Map<number, string>();
  #known: ReadonlyMap<number, KnownProcess> = new Map();
  /** Processes that belong to no command, by their start. */
  #others = new Map<number, string>();

  /** Expects the processes of a command that began with `pid`. */
  add(command: string, pid: number): void {
    this.#roots.set(pid, command);
  }

  remove(command: string): void {
    for (const [pid, found] of this.#roots) if (found === command) this.#roots.delete(pid);
  }

  /** Looks at all processes of the machine, and gives those of each command. */
  async look(): Promise<ReadonlyMap<string, readonly ProcessSample[]>> {
    const table = await readProcesses();
    const known = assignProcesses(table, { roots: this.#roots, known: this.#known });
    const others = new Map<number, string>();
    const commands = new Set(this.#roots.values());
    for (const sample of table.values()) {
      const { pid, start } = sample;
      if (known.has(pid)) continue;
      const isNew = this.#others.get(pid) !== start;
      // Not found by its parents, which end and are read one after the other; it may tell itself.
      const command = isNew && isOnItsOwn(sample, table) ? readStartVariable(pid, EXEC_VARIABLE) : undefined;
      if (command !== undefined && commands.has(command)) known.set(pid, { start, command });
      else others.set(pid, start);
    }
    this.#known = known;
    this.#others = others;
    return group(table, known, commands);
  }
}

/** Whether a process may have come from a command that nothing in the table leads to any more. */
function isOnItsOwn(
  { pid, parent, session }: ProcessSample,
  table: ReadonlyMap<number, ProcessSample>,
): boolean {
  return parent <= 1 || session === pid || !table.has(parent) || !table.has(session);
}

function group(
  table: ReadonlyMap<number, ProcessSample>,
  known: ReadonlyMap<number, KnownProcess>,
  commands: ReadonlySet<string>,
): Map<string, ProcessSample[]> {
  const groups = new Map<string, ProcessSample[]>([...commands].map((command) => [command, []]));
  for (const [pid, { command }] of known) {
    const sample = table.get(pid);
    if (sample !== undefined) groups.get(command)?.push(sample);
  }
  return groups;
}
