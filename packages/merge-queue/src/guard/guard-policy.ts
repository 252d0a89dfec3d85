/** What branches are turned away for, besides what no branch may do. Entries are files, or directories written `dir/` or `dir/**`. */
export interface GuardPolicy {
  /** Largest file a branch may add or change; a pointer of Git LFS counts as what it is. Default 10 000 000. */
  readonly maxFileBytes?: number;
  /** What no branch may change, in whatever case it is written. Default none. */
  readonly forbidden?: readonly string[];
  /** What branches may change. Default: everything. */
  readonly scope?: readonly string[];
}

export const DEFAULT_MAX_FILE_BYTES = 10_000_000;
