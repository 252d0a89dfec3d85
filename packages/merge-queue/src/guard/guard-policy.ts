/** What branches are turned away for. */
export interface GuardPolicy {
  /** Largest file a branch may add or change. */
  readonly maxFileBytes?: number;
}
