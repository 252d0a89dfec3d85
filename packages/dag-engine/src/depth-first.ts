/** A knot of cycles can hold more cycles than anybody could read. */
const MAX_CYCLES = 100;

export interface DepthFirstResult {
  /** Every id after those it depends on, otherwise in the order given; meaningful without cycles only. */
  readonly order: readonly string[];
  /** Cycles that share no start or end, at most 100; each starts and ends with the same id. */
  readonly cycles: readonly (readonly string[])[];
}

interface Frame {
  readonly id: string;
  /** Index of the next dependency to visit. */
  next: number;
}

/** Visits dependencies before dependents, without recursion: chains may be a million long. */
export function visitDepthFirst(
  ids: Iterable<string>,
  dependenciesOf: (id: string) => readonly string[],
): DepthFirstResult {
  const order: string[] = [];
  const cycles: string[][] = [];
  const inCycle = new Set<string>();
  const state = new Map<string, 'open' | 'closed'>();
  const stack: Frame[] = [];

  const enter = (id: string) => {
    state.set(id, 'open');
    stack.push({ id, next: 0 });
  };
  const reportCycle = (from: string, to: string) => {
    if (cycles.length === MAX_CYCLES || inCycle.has(from) || inCycle.has(to)) return;
    const path = stack.slice(stack.findLastIndex((frame) => frame.id === to)).map((frame) => frame.id);
    for (const id of path) inCycle.add(id);
    cycles.push([...path, to]);
  };

  for (const root of ids) {
    if (!state.has(root)) enter(root);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const dependency = dependenciesOf(frame.id)[frame.next];
      frame.next += 1;
      if (dependency === undefined) {
        state.set(frame.id, 'closed');
        order.push(frame.id);
        stack.pop();
      } else if (!state.has(dependency)) enter(dependency);
      else if (state.get(dependency) === 'open') reportCycle(frame.id, dependency);
    }
  }
  return { order, cycles };
}
