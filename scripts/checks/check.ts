/** What a check found; `report` is shown when it failed. */
export interface CheckResult {
  readonly ok: boolean;
  readonly report: string;
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
