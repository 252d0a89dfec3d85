/**
 * For each node a list of nodes, all of them end to end in one array: eight bytes less per node and
 * none of the pointers that lists of their own would need.
 *
 * The targets of node `n` are `target(e)` for every `e` from `begin(n)` up to, not including, `end(n)`.
 */
export class EdgeLists {
  readonly #starts: Uint32Array;
  readonly #targets: Uint32Array;

  /** `starts` has one entry more than there are nodes. */
  constructor(starts: Uint32Array, targets: Uint32Array) {
    this.#starts = starts;
    this.#targets = targets;
  }

  get nodeCount(): number {
    return this.#starts.length - 1;
  }

  begin(node: number): number {
    return this.#starts[node] ?? 0;
  }

  end(node: number): number {
    return this.#starts[node + 1] ?? 0;
  }

  degree(node: number): number {
    return this.end(node) - this.begin(node);
  }

  target(edge: number): number {
    return this.#targets[edge] ?? 0;
  }

  /** The same edges the other way round; each list in ascending order. */
  inverted(): EdgeLists {
    const count = this.nodeCount;
    const starts = new Uint32Array(count + 1);
    for (const target of this.#targets) starts[target + 1] = (starts[target + 1] ?? 0) + 1;
    for (let node = 0; node < count; node += 1)
      starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
    const next = starts.slice();
    const sources = new Uint32Array(this.#targets.length);
    for (let node = 0; node < count; node += 1) {
      for (let edge = this.begin(node); edge < this.end(node); edge += 1) {
        const target = this.target(edge);
        const place = next[target] ?? 0;
        sources[place] = node;
        next[target] = place + 1;
      }
    }
    return new EdgeLists(starts, sources);
  }
}
