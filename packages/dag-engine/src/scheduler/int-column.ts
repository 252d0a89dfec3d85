const MIN_CAPACITY = 16;

/** One whole number for each node, 0 at first; grows with the graph. */
export class IntColumn {
  #cells: Int32Array;

  constructor(count: number) {
    this.#cells = new Int32Array(Math.max(count, MIN_CAPACITY));
  }

  get(node: number): number {
    return this.#cells[node] ?? 0;
  }

  set(node: number, value: number): void {
    this.#cells[node] = value;
  }

  /** Makes room for `count` nodes in all. */
  grow(count: number): void {
    if (count <= this.#cells.length) return;
    const larger = new Int32Array(Math.max(count, 2 * this.#cells.length));
    larger.set(this.#cells);
    this.#cells = larger;
  }
}
