/** Lines changed between two commits. */
export interface DiffStat {
  readonly files: readonly {
    readonly path: string;
    /** 0 for a binary file. */
    readonly insertions: number;
    readonly deletions: number;
    readonly binary: boolean;
  }[];
  readonly insertions: number;
  readonly deletions: number;
}

/** Reads the output of `--numstat -z --no-renames`. */
export function parseNumstat(output: string): DiffStat {
  const files = output
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [added = '', removed = '', ...path] = line.split('\t');
      const binary = added === '-';
      return {
        path: path.join('\t'),
        insertions: binary ? 0 : Number(added),
        deletions: binary ? 0 : Number(removed),
        binary,
      };
    });
  const sum = (side: 'insertions' | 'deletions') => files.reduce((total, file) => total + file[side], 0);
  return { files, insertions: sum('insertions'), deletions: sum('deletions') };
}
