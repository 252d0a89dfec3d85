/** The line of git's standard error that says what is wrong; the advice that may follow says nothing by itself. */
export function complaintOf(stderrTail: string): string {
  const lines = stderrTail.trimEnd().split('\n');
  return lines.findLast((line) => /^(fatal|error): /.test(line)) ?? lines.at(-1) ?? '';
}
