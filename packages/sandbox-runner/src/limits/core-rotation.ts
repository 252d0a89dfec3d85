/** Hands out cores in turns, so that sandboxes that may use few do not all use the same. */
export interface CoreRotation {
  /** The next `count` cores, rounded up; undefined for all of them. */
  take(count: number | undefined): readonly number[] | undefined;
}

export function createCoreRotation(cores: readonly number[]): CoreRotation {
  let next = 0;
  return {
    take: (count) => {
      const wanted = Math.ceil(count ?? Number.POSITIVE_INFINITY);
      if (wanted >= cores.length) return undefined;
      const taken = Array.from({ length: wanted }, (_, index) => cores[(next + index) % cores.length] ?? 0);
      next = (next + wanted) % cores.length;
      return taken.toSorted((a, b) => a - b);
    },
  };
}

/** Reads a list as the kernel writes it: `0-2,4`. */
export function parseCoreList(text: string): number[] {
  return text
    .trim()
    .split(',')
    .filter(Boolean)
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}
