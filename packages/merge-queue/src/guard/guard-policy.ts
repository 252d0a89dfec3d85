/** What branches are turned away for, besides what no branch may do. Paths are scope entries: a file, or `dir/`. */
export interface GuardPolicy {
  /** Largest file a branch may add or change. Default 10 000 000. */
  readonly maxFileBytes?: number;
  /** Paths nobody may change. Default none. */
  readonly forbidden?: readonly string[];
  /** The only paths that may be changed. Default all. */
  readonly scope?: readonly string[];
}

export const DEFAULT_MAX_FILE_BYTES = 10_000_000;
