/** What a check found. */
export interface CheckResult {
  readonly ok: boolean;
  /** Shown when it failed. */
  readonly report: string;
  /** Why it could not look here; it neither passed nor failed then. */
  readonly skipped?: string;
}

/** One rule the repository keeps, decided by looking at the repository at `root`. */
export interface Check {
  readonly name: string;
  readonly title: string;
  readonly run: (root: string) => Promise<CheckResult>;
}

/** A check passes when it found nothing to complain about. */
export function fromProblems(problems: readonly string[]): CheckResult {
  return { ok: problems.length === 0, report: problems.join('\n') };
}
